/* SPDX-License-Identifier: Apache-2.0
 *
 * The linkable library as one shared object whose plain names a test calls from Python: one lane with a heap and an environment, and no server
 * behind it. Calls that need the host answer ENODEV-like errors or are not made.
 */
#include "../../libc_facade/src/library.c"

#define RIG_HEAP (32u << 20)
static _Alignas(64) unsigned char rig_heap[RIG_HEAP];
static hc_client rig_client;
static hc_host_lane rig_lane;
static char rig_env[4096];

static hc_u64 rig_timer(void) {
    static hc_u64 now;
    return now += 1000;
}
static void rig_pause(hc_u32 round) { (void)round; }

/* env: NAME=VALUE, each with a NUL; bytes is their length. */
__attribute__((visibility("default"))) int rig_begin(const char *env, unsigned bytes) {
    if (bytes > sizeof rig_env) return -1;
    hc_memcpy(rig_env, env, bytes);
    rig_lane.grid_dim = rig_lane.block_dim = 1;
    rig_lane.launch = 1;
    rig_lane.timer_ns = rig_timer;
    rig_lane.pause = rig_pause;
    hc_self = &rig_lane;
    rig_client.heap = (hc_u64)(size_t)rig_heap;
    rig_client.heap_bytes = RIG_HEAP;
    rig_client.env = (hc_u64)(size_t)rig_env;
    rig_client.env_bytes = bytes;
    hc_use_client((hc_u64)(size_t)&rig_client);
    return 0;
}
/* Another lane, on another thread. */
__attribute__((visibility("default"))) void rig_join(hc_host_lane *lane, unsigned id) {
    *lane = rig_lane;
    lane->local_id = id;
    lane->block_dim = 64;
    lane->err = 0;
    lane->strtok_at = lane->block_at = 0;
    hc_self = lane;
}
__attribute__((visibility("default"))) unsigned long rig_lane_bytes(void) { return sizeof(hc_host_lane); }
/* Without a heap: what a function does then. */
__attribute__((visibility("default"))) void rig_heap_bytes(unsigned long bytes) { rig_client.heap_bytes = bytes; }
/* Runs the handlers that atexit collected, as exit does, and comes back. */
__attribute__((visibility("default"))) int rig_run_handlers(int which, int status) { return hc_exit_run((hc_u32)which, status); }
