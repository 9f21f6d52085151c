/* SPDX-License-Identifier: Apache-2.0
 *
 * pthread_once runs its function once.
 * libs: -pthread
 */
#include <pthread.h>
#include "check.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int runs;
static void init(void) { runs++; }
static void *run(void *p) {
    pthread_once(&once, init);
    return p;
}

int main(void) {
    pthread_t t[6];
    for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, run, NULL);
    for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
    pthread_once(&once, init);
    I(runs);
    return 0;
}
