/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads of C11.
 * libs: -pthread
 */
#include <threads.h>
#include "check.h"

static mtx_t lock;
static cnd_t ready;
static int state;
static int run(void *p) {
    mtx_lock(&lock);
    while (state == 0) cnd_wait(&ready, &lock);
    state += *(int *)p;
    mtx_unlock(&lock);
    thrd_exit(42);
}

int main(void) {
    thrd_t t;
    int arg = 10, r;
    I(mtx_init(&lock, mtx_plain) == thrd_success);
    I(cnd_init(&ready) == thrd_success);
    I(thrd_create(&t, run, &arg) == thrd_success);
    mtx_lock(&lock);
    state = 1;
    cnd_signal(&ready);
    mtx_unlock(&lock);
    I(thrd_join(t, &r) == thrd_success);
    I(r);
    I(state);
    I(mtx_trylock(&lock) == thrd_success);
    mtx_unlock(&lock);
    thrd_yield();
    return 0;
}
