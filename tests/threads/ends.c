/* SPDX-License-Identifier: Apache-2.0
 *
 * The program ends while threads wait, spin on a lock, sleep and call: by return of main, by exit in a thread, by pthread_exit in main.
 */
#include "check.h"
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t none;
static volatile int turns;

static void *wait_for_ever(void *argument) {
    pthread_mutex_lock(&lock);
    for (;;) pthread_cond_wait(&never, &lock);
    return argument;
}
static void *lock_for_ever(void *argument) {
    static pthread_mutex_t mine = PTHREAD_MUTEX_INITIALIZER;
    for (;;) {
        pthread_mutex_lock(&mine);
        turns++;
        pthread_mutex_unlock(&mine);
    }
    return argument;
}
static void *blocked(void *argument) {
    pthread_mutex_lock(&held);
    return argument;
}
static void *sem_for_ever(void *argument) {
    while (sem_wait(&none) != 0) {
    }
    return argument;
}
static void *sleep_for_ever(void *argument) {
    for (;;) sleep(1000);
    return argument;
}
static void *yield_for_ever(void *argument) {
    for (;;) sched_yield();
    return argument;
}
static void *end_it(void *argument) {
    (void)argument;
    puts("exit in a thread");
    exit(5);
}
static void *late(void *argument) {
    usleep(30000);
    puts("the last thread");
    return argument;
}

int main(int argc, char **argv) {
    pthread_t thread;
    const char *how = argc > 1 ? argv[1] : "return";
    CHECK_IS(sem_init(&none, 0, 0), 0);
    pthread_mutex_lock(&held);
    if (strcmp(how, "leave") == 0) {
        CHECK_IS(pthread_create(&thread, NULL, late, NULL), 0);
        pthread_exit(NULL);
    }
    CHECK_IS(pthread_create(&thread, NULL, wait_for_ever, NULL), 0);
    CHECK_IS(pthread_create(&thread, NULL, lock_for_ever, NULL), 0);
    CHECK_IS(pthread_create(&thread, NULL, blocked, NULL), 0);
    CHECK_IS(pthread_create(&thread, NULL, sem_for_ever, NULL), 0);
    CHECK_IS(pthread_create(&thread, NULL, sleep_for_ever, NULL), 0);
    CHECK_IS(pthread_create(&thread, NULL, yield_for_ever, NULL), 0);
    while (turns < 100) sched_yield();
    if (strcmp(how, "thread") == 0) {
        CHECK_IS(pthread_create(&thread, NULL, end_it, NULL), 0);
        for (;;) pause();
    }
    puts("main returns");
    return 4;
}
