/* SPDX-License-Identifier: Apache-2.0
 *
 * A Vulkan loader with two devices, for tests: it checks what it is asked, counts what is alive, and fails where it is
 * told to. The structures are declared here once more, from the Vulkan specification: a slip in one place shows.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
enum { SUCCESS = 0, OUT_OF_DEVICE_MEMORY = -2, MAP_FAILED_ = -5, INCOMPATIBLE_DRIVER = -9, INCOMPLETE = 5 };

typedef struct { int32_t type; const void *next; } header;
typedef struct {
    header h;
    const char *name;
    uint32_t version;
    const char *engine;
    uint32_t engine_version, api;
} application_info;
typedef struct {
    header h;
    uint32_t flags;
    const application_info *application;
    uint32_t layers;
    const char *const *layer;
    uint32_t extensions;
    const char *const *extension;
} instance_info;
typedef struct { header h; uint32_t flags, family, queues; const float *priorities; } queue_info;
typedef struct {
    header h;
    uint32_t flags, queue_infos;
    const queue_info *queue;
    uint32_t layers;
    const char *const *layer;
    uint32_t extensions;
    const char *const *extension;
    const void *features;
} device_info;
typedef struct { header h; uint32_t api, driver, vendor, id; int32_t kind; char name[256]; } properties;
typedef struct { header h; uint8_t uuid[16], driver[16], luid[8]; uint32_t mask, valid; } identity;
typedef struct {
    uint32_t types;
    struct { uint32_t flags, heap; } type[32];
    uint32_t heaps;
    struct { uint64_t bytes; uint32_t flags; } heap[16];
} memories;
typedef struct { char name[256]; uint32_t version; } extension_entry;
typedef struct { header h; uint64_t bytes; uint32_t type; } allocate_info;
typedef struct { header h; uint32_t handles; } export_info;
typedef struct { header h; uint64_t memory; int32_t handle; } fd_info;
typedef struct { int fd; uint64_t bytes; void *mapped; } piece;

/* What the tests set and read. */
EXPORT int played_fails;        /* the result of ... */
EXPORT const char *played_at;   /* ... the function of this name */
EXPORT int played_no_extension, played_full_type = -1;
EXPORT int played_instances, played_devices, played_pieces, played_mappings;
EXPORT int played_negotiated, played_physical = -1, played_type = -1, played_misuse;

static int fails(const char *name) { return played_at && strcmp(played_at, name) == 0 ? played_fails : SUCCESS; }
static void expect(int true_) { played_misuse += !true_; }
static char physical[2];

static int32_t vkEnumerateInstanceVersion(uint32_t *version) {
    *version = fails("version") ? 1u << 22 : (1u << 22) | (3u << 12);
    return SUCCESS;
}
static int32_t vkCreateInstance(const instance_info *info, const void *allocator, void **out) {
    expect(info->h.type == 1 && info->application->h.type == 0 && info->application->api == ((1u << 22) | (1u << 12)));
    expect(!allocator && info->layers == 0 && info->extensions == 0);
    if (fails("vkCreateInstance")) return played_fails;
    *out = &played_instances;
    played_instances++;
    return SUCCESS;
}
static void vkDestroyInstance(void *instance, const void *allocator) {
    expect(instance == &played_instances && !allocator && played_devices == 0);
    played_instances--;
}
static int32_t vkEnumeratePhysicalDevices(void *instance, uint32_t *count, void **out) {
    expect(instance == &played_instances);
    if (fails("vkEnumeratePhysicalDevices")) return played_fails;
    if (out)
        for (uint32_t i = 0; i < 2 && i < *count; i++) out[i] = &physical[i];
    *count = 2;
    return SUCCESS;
}
static void vkGetPhysicalDeviceProperties2(void *device, properties *out) {
    identity *id = (identity *)out->h.next;
    int which = device == &physical[1];
    expect(out->h.type == 1000059001 && id->h.type == 1000071004);
    memset(id->uuid, which ? 0xb1 : 0xa0, 16);
    out->api = (1u << 22) | (3u << 12);
    strcpy(out->name, which ? "Second GPU" : "First GPU");
}
static void vkGetPhysicalDeviceMemoryProperties(void *device, memories *out) {
    /* 2: a small window; 3: cached; 4: all of it; 5: flushed by hand */
    static const uint32_t flags[6] = {1, 6, 7, 7 | 8, 7, 3};
    (void)device;
    out->types = 6;
    for (int i = 0; i < 6; i++) {
        out->type[i].flags = flags[i];
        out->type[i].heap = i == 1 ? 1 : i == 2 ? 2 : 0;
    }
    out->heaps = 3;
    out->heap[0].bytes = 1ull << 36;
    out->heap[1].bytes = 1ull << 38;
    out->heap[2].bytes = 1ull << 20;
}
static int32_t vkEnumerateDeviceExtensionProperties(void *device, const char *layer, uint32_t *count,
                                                    extension_entry *out) {
    static const char *const names[2] = {"VK_KHR_external_memory", "VK_KHR_external_memory_fd"};
    uint32_t n = played_no_extension ? 1 : 2;
    expect(device && !layer);
    if (out)
        for (uint32_t i = 0; i < n && i < *count; i++) strcpy(out[i].name, names[i]);
    *count = n;
    return SUCCESS;
}
static int32_t vkCreateDevice(void *which, const device_info *info, const void *allocator, void **out) {
    expect(info->h.type == 3 && info->queue_infos == 1 && info->queue->h.type == 2 && info->queue->queues == 1);
    expect(info->queue->priorities[0] >= 0.0f && !allocator && !info->features && info->layers == 0);
    expect(info->extensions == 1 && strcmp(info->extension[0], "VK_KHR_external_memory_fd") == 0);
    if (fails("vkCreateDevice")) return played_fails;
    played_physical = which == &physical[1];
    *out = &played_devices;
    played_devices++;
    return SUCCESS;
}
static void vkDestroyDevice(void *device, const void *allocator) {
    expect(device == &played_devices && !allocator && played_pieces == 0);
    played_devices--;
}
static int32_t vkAllocateMemory(void *device, const allocate_info *info, const void *allocator, uint64_t *out) {
    const export_info *export = info->h.next;
    expect(device == &played_devices && !allocator && info->h.type == 5);
    expect(export->h.type == 1000072002 && export->handles == 1);
    played_type = (int)info->type;
    if (fails("vkAllocateMemory")) return played_fails;
    if (played_type == played_full_type) return OUT_OF_DEVICE_MEMORY;
    piece *p = calloc(1, sizeof *p);
    if (!p || (p->fd = memfd_create("played", 0)) < 0 || ftruncate(p->fd, (off_t)info->bytes))
        return OUT_OF_DEVICE_MEMORY;
    p->bytes = info->bytes;
    *out = (uint64_t)(uintptr_t)p;
    played_pieces++;
    return SUCCESS;
}
static void vkFreeMemory(void *device, uint64_t memory, const void *allocator) {
    piece *p = (piece *)(uintptr_t)memory;
    expect(device == &played_devices && !allocator);
    if (p->mapped) {
        munmap(p->mapped, p->bytes);
        played_mappings--;
    }
    close(p->fd);
    free(p);
    played_pieces--;
}
static int32_t vkMapMemory(void *device, uint64_t memory, uint64_t offset, uint64_t bytes, uint32_t flags, void **out) {
    piece *p = (piece *)(uintptr_t)memory;
    expect(device == &played_devices && offset == 0 && bytes == ~0ull && flags == 0);
    if (fails("vkMapMemory")) return played_fails;
    p->mapped = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
    if (p->mapped == MAP_FAILED) return MAP_FAILED_;
    *out = p->mapped;
    played_mappings++;
    return SUCCESS;
}
static int32_t get_fd(void *device, const fd_info *info, int *out) {
    expect(device == &played_devices && info->h.type == 1000074002 && info->handle == 1);
    if (fails("vkGetMemoryFdKHR")) return played_fails;
    *out = dup(((piece *)(uintptr_t)info->memory)->fd);
    return SUCCESS;
}
static void *vkGetDeviceProcAddr(void *device, const char *name) {
    expect(device == &played_devices && strcmp(name, "vkGetMemoryFdKHR") == 0);
    return fails("vkGetDeviceProcAddr") ? NULL : (void *)(uintptr_t)get_fd;
}

static void *find(void *instance, const char *name) {
    static const struct {
        const char *name;
        void *function;
        int early; /* also without an instance */
    } all[] = {
#define FUNCTION(name, early) {#name, (void *)(uintptr_t)name, early}
        FUNCTION(vkEnumerateInstanceVersion, 1),
        FUNCTION(vkCreateInstance, 1),
        FUNCTION(vkDestroyInstance, 0),
        FUNCTION(vkEnumeratePhysicalDevices, 0),
        FUNCTION(vkGetPhysicalDeviceProperties2, 0),
        FUNCTION(vkGetPhysicalDeviceMemoryProperties, 0),
        FUNCTION(vkEnumerateDeviceExtensionProperties, 0),
        FUNCTION(vkCreateDevice, 0),
        FUNCTION(vkDestroyDevice, 0),
        FUNCTION(vkGetDeviceProcAddr, 0),
        FUNCTION(vkAllocateMemory, 0),
        FUNCTION(vkFreeMemory, 0),
        FUNCTION(vkMapMemory, 0),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, name) == 0) {
            expect(all[i].early ? !instance : instance == &played_instances);
            return all[i].function;
        }
    expect(0);
    return NULL;
}

EXPORT void *vkGetInstanceProcAddr(void *instance, const char *name) { return find(instance, name); }
EXPORT int32_t vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
    played_negotiated = (int)*version;
    return SUCCESS;
}
EXPORT void *vk_icdGetInstanceProcAddr(void *instance, const char *name) {
    expect(played_negotiated == 5);
    return find(instance, name);
}
