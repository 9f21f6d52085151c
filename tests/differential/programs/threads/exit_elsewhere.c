/* SPDX-License-Identifier: Apache-2.0
 *
 * exit from another thread ends the program.
 * libs: -pthread
 */
#include <pthread.h>
#include <unistd.h>
#include "check.h"

static void *run(void *p) {
    printf("leaving\n");
    exit(6);
    return p;
}

int main(void) {
    pthread_t t;
    pthread_create(&t, NULL, run, NULL);
    for (;;) sleep(1);
    return 0;
}
