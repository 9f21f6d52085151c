/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers share, a writer is alone.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static long a, b, torn;
static void *read_both(void *p) {
    for (int i = 0; i < 500; i++) {
        pthread_rwlock_rdlock(&lock);
        if (a != b) torn++;
        pthread_rwlock_unlock(&lock);
    }
    return p;
}
static void *write_both(void *p) {
    for (int i = 0; i < 500; i++) {
        pthread_rwlock_wrlock(&lock);
        a++;
        b++;
        pthread_rwlock_unlock(&lock);
    }
    return p;
}

int main(void) {
    pthread_t t[4];
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, i % 2 ? write_both : read_both, NULL);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    I(a);
    I(torn);
    I(pthread_rwlock_tryrdlock(&lock));
    I(pthread_rwlock_tryrdlock(&lock));
    I(pthread_rwlock_trywrlock(&lock) == EBUSY);
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
    I(pthread_rwlock_trywrlock(&lock));
    pthread_rwlock_unlock(&lock);
    return 0;
}
