/* SPDX-License-Identifier: Apache-2.0
 *
 * What each thread has of its own: keys with destructors, thread-local variables that begin anew, errno, cleanup handlers, the way out.
 */
#define _GNU_SOURCE 1
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static pthread_key_t counted, again;
static int destroyed, rounds, cleaned[3], ncleaned;
static _Thread_local int number = 41;
static _Thread_local char text[40] = "as it begins";
static _Thread_local long zero[20];
static __thread struct { int a; const char *b; } pair = {5, "five"};

static void destroy(void *value) { destroyed += *(int *)value; }
static void set_again(void *value) {
    rounds++;
    if (value == (void *)1) CHECK_IS(pthread_setspecific(again, (void *)2), 0);
}
static void *use(void *argument) {
    static int worth[2] = {1, 10};
    CHECK_IS(errno, 0);
    CHECK(pthread_getspecific(counted) == NULL);
    CHECK_IS(number, 41);
    CHECK(strcmp(text, "as it begins") == 0);
    CHECK(zero[0] == 0 && zero[19] == 0);
    CHECK(pair.a == 5 && strcmp(pair.b, "five") == 0);
    number++;
    strcpy(text, "changed");
    zero[0] = zero[19] = pair.a = 9;
    CHECK_IS(close(-1), -1);
    CHECK_IS(errno, EBADF);
    CHECK_IS(pthread_setspecific(counted, &worth[argument != NULL]), 0);
    CHECK(pthread_getspecific(counted) == &worth[argument != NULL]);
    CHECK_IS(pthread_setspecific(again, (void *)1), 0);
    CHECK_IS(number, 42);
    return &number;
}

static void clean(void *argument) { cleaned[ncleaned++] = (int)(long)argument; }
static int deep(int n) {
    void (*volatile way_out)(void *) = pthread_exit;
    if (n == 0) way_out((void *)77);
    return n ? deep(n - 1) + 1 : 0;
}
static void *leave(void *argument) {
    (void)argument;
    pthread_cleanup_push(clean, (void *)1);
    pthread_cleanup_push(clean, (void *)2);
    CHECK_IS(deep(10), -1);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}
static void *who(void *argument) {
    pthread_t me = pthread_self();
    char name[16];
    (void)argument;
    CHECK(pthread_equal(me, pthread_self()));
    CHECK_IS(pthread_join(me, NULL), EDEADLK);
    CHECK_IS(pthread_setname_np(me, "fifteen letters"), 0);
    CHECK_IS(pthread_getname_np(me, name, sizeof name), 0);
    CHECK(strcmp(name, "fifteen letters") == 0);
    CHECK_IS(pthread_setname_np(me, "sixteen letters!"), ERANGE);
    CHECK_IS(pthread_getname_np(me, name, 4), ERANGE);
    return (void *)me;
}

int main(void) {
    pthread_t thread, other;
    void *result;
    int i, n;
    CHECK_IS(pthread_key_create(&counted, destroy), 0);
    CHECK_IS(pthread_key_create(&again, set_again), 0);
    errno = EXDEV;
    number = 7;
    for (i = 0; i < 20; i++) {
        CHECK_IS(pthread_create(&thread, NULL, use, i % 2 ? &i : NULL), 0);
        CHECK_IS(pthread_join(thread, NULL), 0);
    }
    CHECK_IS(errno, EXDEV);
    CHECK_IS(number, 7);
    printf("destroyed %d, rounds %d\n", destroyed, rounds);
    CHECK_IS(pthread_key_delete(counted), 0);
    CHECK_IS(pthread_key_delete(counted), EINVAL);
    CHECK_IS(pthread_setspecific(counted, &i), EINVAL);
    CHECK(pthread_getspecific(counted) == NULL);
    for (n = 0; pthread_key_create(&counted, NULL) == 0; n++) CHECK(n < 5000);
    CHECK(n >= 100);

    for (i = 0; i < 3; i++) {
        ncleaned = 0;
        CHECK_IS(pthread_create(&thread, NULL, leave, NULL), 0);
        CHECK_IS(pthread_join(thread, &result), 0);
        printf("left with %ld, cleaned %d %d of %d\n", (long)result, cleaned[0], cleaned[1], ncleaned);
    }
    CHECK_IS(pthread_create(&thread, NULL, who, NULL), 0);
    other = thread;
    CHECK_IS(pthread_join(thread, &result), 0);
    CHECK(pthread_equal(other, (pthread_t)result));
    CHECK(!pthread_equal(other, pthread_self()));
    puts("own");
    return 0;
}
