/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands for a device's driver: the four functions that mmap asks it for. Lanes of the host backend then read the mapped pages themselves.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

atomic_int fake_registered, fake_unregistered, fake_refusals; /* fake_refusals: how many of the next registrations are refused */
atomic_uint fake_flags;                                       /* of the last registration */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;      /* held: a registration does not come back */

void fake_hold(void) { pthread_mutex_lock(&gate); }
void fake_let_go(void) { pthread_mutex_unlock(&gate); }

int cuCtxSetCurrent(void *context) { return context == (void *)0x1234 ? 0 : 201; }
int cuMemHostRegister_v2(void *host, size_t bytes, unsigned flags) {
    (void)host, (void)bytes;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    atomic_store(&fake_flags, flags);
    if (atomic_load(&fake_refusals) > 0) {
        atomic_fetch_sub(&fake_refusals, 1);
        return 1;
    }
    atomic_fetch_add(&fake_registered, 1);
    return 0;
}
int cuMemHostUnregister(void *host) {
    (void)host;
    atomic_fetch_add(&fake_unregistered, 1);
    return 0;
}
int cuMemHostGetDevicePointer_v2(unsigned long long *device, void *host, unsigned flags) {
    (void)flags;
    *device = (unsigned long long)host;
    return 0;
}
