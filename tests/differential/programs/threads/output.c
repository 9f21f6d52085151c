/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines from several threads arrive whole.
 * libs: -pthread
 * choice: the order of the lines is free; each thread's are counted.
 */
#include <pthread.h>
#include "check.h"

static void *run(void *p) {
    FILE *out = p;
    for (int i = 0; i < 50; i++) fprintf(out, "%s%s\n", "a line of one thread,", " whole");
    return NULL;
}

int main(void) {
    pthread_t t[4];
    FILE *out = fopen("lines", "w");
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, run, out);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    fclose(out);
    return 0;
}
