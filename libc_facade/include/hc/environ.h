/* SPDX-License-Identifier: Apache-2.0
 *
 * The environment as a program changes it. It begins as the snapshot that the host made (env.h), which is read where it lies; the first change
 * makes an array of pointers of it, in the device's heap, that all lanes of the program see. Changes stay on the device.
 *
 * One lane at a time changes the array; readers take no lock. Values that were replaced are not freed, because a lane may hold what getenv
 * gave it.
 */
#ifndef HC_ENVIRON_H
#define HC_ENVIRON_H
#include "env.h"
#include "heap.h"
#include "state.h"
#include "string.h"

/* Linked programs see the array as `environ`, and may put their own in its place. */
#if defined(HC_LIBRARY_H)
#if defined(__cplusplus)
extern "C" {
__device__ char **environ = 0;
}
#else
HC_EXPORT char **environ = 0;
#endif
#define HC_ENVIRON environ
#else
HC_STATE char **hc_environ;
#define HC_ENVIRON hc_environ
#endif
HC_STATE hc_u32 hc_environ_lock;
HC_STATE hc_u32 hc_environ_changed; /* there is an array, even if it is empty and its pointer null */
HC_STATE char **hc_environ_own;     /* the last array that was made here, */
HC_STATE hc_u64 hc_environ_room;    /* how many pointers it takes, */
HC_STATE hc_u64 hc_environ_client;  /* and the runtime in whose heap it lies */

HC_FN char **hc_environ_array(void) {
    /* Through the atomics: another lane may be putting a larger array in its place. */
    char **array = (char **)(size_t)hc_dev_load64(HC_ADDRESS(HC_ENVIRON));
    /* A module that is bound to another runtime finds that one's snapshot. */
    if (array && array == hc_environ_own && hc_environ_client != hc_client_address()) return 0;
    return array;
}
HC_FN void hc_environ_put(char **array) { hc_dev_store64(HC_ADDRESS(HC_ENVIRON), (hc_u64)(size_t)array); }
HC_FN int hc_environ_is_snapshot(char **array) {
    return !array && (!hc_environ_changed || (hc_environ_own && hc_environ_client != hc_client_address()));
}

/* Length of a name: of `NAME` or of the one in `NAME=VALUE`. */
HC_BODY size_t hc_environ_name(const char *text) {
    size_t n = 0;
    HC_ROLLED while (text[n] && text[n] != '=') n++;
    return n;
}
HC_BODY hc_u64 hc_environ_seek(char **array, const char *name, size_t n) {
    hc_u64 i;
    HC_ROLLED for (i = 0; array[i]; i++) {
        if (hc_strncmp(array[i], name, n) == 0 && array[i][n] == '=') break;
    }
    return i;
}
/* The snapshot's next entry behind *at that is not one of the host's own, which begin with '='. */
HC_BODY char *hc_environ_step(hc_u64 *at, hc_u64 end) {
    HC_ROLLED while (*at < end && *HC_AT(const char, *at)) {
        char *entry = HC_AT(char, *at);
        *at += hc_strlen(entry) + 1u;
        if (entry[0] != '=') return entry;
    }
    return 0;
}
/* An entry of the snapshot that is meant for the library; its name includes the leading '='. */
HC_BODY const char *hc_environ_hidden(const char *name) {
    hc_u64 c = hc_client_address(), at, end;
    size_t n = hc_strlen(name);
    if (!c || !HC_C(c)->env) return 0;
    at = HC_C(c)->env;
    end = at + HC_C(c)->env_bytes;
    HC_ROLLED while (at < end && *HC_AT(const char, at)) {
        const char *entry = HC_AT(const char, at);
        if (hc_strncmp(entry, name, n) == 0 && entry[n] == '=') return entry + n + 1u;
        at += hc_strlen(entry) + 1u;
    }
    return 0;
}

HC_BODY char *hc_environ_find(const char *name) {
    char **array = hc_environ_array();
    size_t n;
    if (!name || !name[0]) return 0;
    if (hc_environ_is_snapshot(array)) return hc_env_find(name);
    if (!array) return 0;
    n = hc_strlen(name);
    array += hc_environ_seek(array, name, n);
    return *array ? *array + n + 1u : 0;
}

/* ----------------------------------------------------------------------------------------------------------------- changing
 * With the lock held: an array of our own with room for one more pointer; 0: no memory. */
HC_BODY char **hc_environ_grow(void) {
    char **array = hc_environ_array(), **grown;
    hc_u64 c = hc_client_address(), at = 0, end = 0, n = 0, i;
    if (hc_environ_is_snapshot(array)) {
        at = c ? HC_C(c)->env : 0;
        end = at ? at + HC_C(c)->env_bytes : 0;
        HC_ROLLED while (hc_environ_step(&at, end)) n++;
        at = c ? HC_C(c)->env : 0;
    } else if (array) {
        HC_ROLLED while (array[n]) n++;
        if (array == hc_environ_own && n + 2u <= hc_environ_room) return array;
    }
    grown = (char **)(size_t)hc_heap_get_block((2u * n + 16u) * 8u, 16u);
    if (!grown) return 0;
    HC_ROLLED for (i = 0; i < n; i++) grown[i] = array ? array[i] : hc_environ_step(&at, end);
    grown[n] = 0;
    hc_environ_room = 2u * n + 16u;
    hc_environ_own = grown;
    hc_environ_client = c;
    hc_environ_changed = 1;
    hc_fence_dev();
    hc_environ_put(grown);
    return grown;
}
/* entry: NAME=VALUE, which becomes part of the environment. 0, or -errno. */
HC_BODY int hc_environ_set(char *entry, size_t n, int replace, hc_u64 *taken) {
    int result = 0;
    *taken = 0;
    HC_LOCKED(
        hc_environ_lock, char **array = hc_environ_grow(); if (!array) { result = -HC_ENOMEM; } else {
            hc_u64 i = hc_environ_seek(array, entry, n);
            if (!array[i]) hc_dev_store64(HC_ADDRESS(array[i + 1u]), 0);
            if (!array[i] || replace) {
                hc_fence_dev();
                hc_dev_store64(HC_ADDRESS(array[i]), (hc_u64)(size_t)entry);
                *taken = 1;
            }
        });
    return result;
}
HC_BODY void hc_environ_remove(const char *name, size_t n) {
    HC_LOCKED(
        hc_environ_lock, char **array = hc_environ_array(); if (hc_environ_is_snapshot(array) && hc_env_find(name)) array = hc_environ_grow();
        if (array) {
            hc_u64 i = hc_environ_seek(array, name, n);
            while (array[i]) {
                hc_u64 from = i + 1u;
                if (hc_strncmp(array[i], name, n) != 0 || array[i][n] != '=') {
                    i++;
                    continue;
                }
                do {
                    hc_dev_store64(HC_ADDRESS(array[from - 1u]), (hc_u64)(size_t)array[from]);
                } while (array[from++]);
            }
        });
}

HC_BODY int hc_do_setenv(const char *name, const char *value, int replace) {
    size_t n = name ? hc_environ_name(name) : 0, m;
    hc_u64 taken;
    char *entry;
    int result;
    if (!n || name[n]) return (int)hc_posix(-HC_EINVAL);
    m = hc_strlen(value);
    entry = (char *)(size_t)hc_heap_get_block(n + m + 2u, 16u);
    if (!entry) return (int)hc_posix(-HC_ENOMEM);
    hc_memcpy(entry, name, n);
    entry[n] = '=';
    hc_memcpy(entry + n + 1u, value, m + 1u);
    result = hc_environ_set(entry, n, replace, &taken);
    if (!taken) hc_free(entry);
    return (int)hc_posix(result);
}
HC_BODY int hc_do_unsetenv(const char *name) {
    size_t n = name ? hc_environ_name(name) : 0;
    if (!n || name[n]) return (int)hc_posix(-HC_EINVAL);
    hc_environ_remove(name, n);
    return 0;
}
/* The text itself becomes part of the environment; without '=' the name goes, as in glibc. */
HC_BODY int hc_do_putenv(char *text) {
    size_t n = hc_environ_name(text);
    hc_u64 taken;
    if (!text[n]) return n ? hc_do_unsetenv(text) : (int)hc_posix(-HC_EINVAL);
    return (int)hc_posix(hc_environ_set(text, n, 1, &taken));
}
HC_BODY int hc_do_clearenv(void) {
    HC_LOCKED(hc_environ_lock, hc_environ_changed = 1; hc_environ_own = 0; hc_environ_put(0));
    return 0;
}
HC_API char *hc_getenv(const char *name) { HC_SPLIT(hc_environ_find(name), ::getenv(name)) }
HC_API char *hc_secure_getenv(const char *name) { HC_SPLIT(hc_environ_find(name), ::secure_getenv(name)) }
HC_API int hc_setenv(const char *name, const char *value, int replace) { HC_SPLIT(hc_do_setenv(name, value, replace), ::setenv(name, value, replace)) }
HC_API int hc_unsetenv(const char *name) { HC_SPLIT(hc_do_unsetenv(name), ::unsetenv(name)) }
HC_API int hc_putenv(char *text) { HC_SPLIT(hc_do_putenv(text), ::putenv(text)) }
HC_API int hc_clearenv(void) { HC_SPLIT(hc_do_clearenv(), ::clearenv()) }

#endif
