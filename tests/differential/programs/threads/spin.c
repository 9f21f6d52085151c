/* SPDX-License-Identifier: Apache-2.0
 *
 * Spin locks.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

int main(void) {
    pthread_spinlock_t s;
    I(pthread_spin_init(&s, PTHREAD_PROCESS_PRIVATE));
    I(pthread_spin_lock(&s));
    I(pthread_spin_trylock(&s) == EBUSY);
    I(pthread_spin_unlock(&s));
    I(pthread_spin_trylock(&s));
    I(pthread_spin_unlock(&s));
    I(pthread_spin_destroy(&s));
    return 0;
}
