/* SPDX-License-Identifier: Apache-2.0
 *
 * system, popen and pclose. A child has a thread here, from its start to its end: it takes what the child writes to the
 * device's stdout and stderr and waits for it, so that neither a worker nor a poller does. Lanes that wait for a child
 * are parked. When the server closes, children are ended.
 *
 * A child is over when its shell is: what that left running in the background keeps running, and can write no more.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "process.h"
#include "server.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#define PIECE_BYTES 65536u
#define COMMAND_MAX (128u << 10) /* what Linux takes as one argument */
#define LOOK_MS 20               /* between two looks at a child that has closed its streams */
#define CLOSE_SECONDS 10         /* what ending all children may take */
#define STACK_BYTES (256u << 10)

struct processes;
typedef struct child {
    struct processes *all;
    hc_spawned spawned;
    uint32_t id;    /* 0: free. Index, and above it a generation */
    bool over;      /* waited for; its thread is gone or going */
    bool forgotten; /* pclose waits, or the call was system: nobody will ask later */
    int64_t status; /* as waitpid says, or -errno */
    hc_call *call;  /* who waits */
    uint32_t rank;
} child;

typedef struct processes {
    hc_server *server;
    pthread_mutex_t lock;
    pthread_cond_t fewer; /* a thread has ended */
    uint32_t threads, most, generation;
    bool closing, abandoned;
    int wake; /* eventfd: readable once the server closes */
    char *env;
    size_t env_bytes;
    child children[HC_MAX_CHILDREN];
} processes;

/* A packet's lanes wait for different children; the last of them ends the call. */
typedef struct waiting {
    atomic_uint left;
} waiting;

static void one_less(hc_call *c) {
    waiting *w = c->scratch;
    if (atomic_fetch_sub(&w->left, 1) == 1) hc_call_finish(c);
}

/* ------------------------------------------------------------------------------------------------- a child's thread */
/* False: nothing more will come from there. */
static bool pump(processes *p, int fd, uint32_t stream) {
    uint8_t piece[PIECE_BYTES];
    ssize_t n = read(fd, piece, sizeof piece);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (n <= 0) return false;
    for (ssize_t done = 0; done < n;) { /* what a sink refuses it counts */
        int64_t r = hc_stdio_write(p->server, stream, piece + done, (uint64_t)(n - done));
        if (r <= 0) break;
        done += r;
    }
    return true;
}

static void shut(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void drain(processes *p, int *fd, uint32_t stream) {
    struct pollfd ready = {.fd = *fd, .events = POLLIN};
    while (*fd >= 0 && poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN))
        if (!pump(p, *fd, stream)) break;
    shut(fd);
}

static void end_it(const hc_spawned *s, int signal) {
    if (getpgid(s->pid) == s->pid) kill(-s->pid, signal);
    else kill(s->pid, signal);
}

/* The status, once there is one. */
static bool ended(child *k, int64_t *status) {
    int word = 0;
    pid_t r = waitpid(k->spawned.pid, &word, WNOHANG);
    if (r == 0 || (r < 0 && errno == EINTR)) return false;
    *status = r < 0 ? -errno : word;
    return true;
}

static int64_t attend(child *k) {
    processes *p = k->all;
    hc_spawned *s = &k->spawned;
    bool told = false;
    int64_t status;
    int itself = (int)syscall(SYS_pidfd_open, s->pid, 0); /* readable once it is over; older kernels: it is looked at */
    while (!ended(k, &status)) {
        struct pollfd fds[4] = {{.fd = s->out, .events = POLLIN},
                                {.fd = s->err, .events = POLLIN},
                                {.fd = told ? -1 : p->wake, .events = POLLIN},
                                {.fd = itself, .events = POLLIN}};
        (void)poll(fds, 4, itself < 0 ? LOOK_MS : -1);
        if (fds[2].revents) {
            end_it(s, SIGKILL);
            told = true;
            shut(&s->out);
            shut(&s->err);
            continue;
        }
        if (fds[0].revents && !pump(p, s->out, HC_STREAM_STDOUT)) shut(&s->out);
        if (fds[1].revents && !pump(p, s->err, HC_STREAM_STDERR)) shut(&s->err);
    }
    shut(&itself);
    drain(p, &s->out, HC_STREAM_STDOUT);
    drain(p, &s->err, HC_STREAM_STDERR);
    return told ? -ESHUTDOWN : status;
}

static void *child_main(void *arg) {
    child *k = arg;
    processes *p = k->all;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    int64_t status = attend(k);
    pthread_mutex_lock(&p->lock);
    hc_call *c = k->call;
    uint32_t rank = k->rank;
    k->status = status;
    k->over = true;
    k->call = NULL;
    if (k->forgotten) k->id = 0;
    bool abandoned = p->abandoned;
    pthread_mutex_unlock(&p->lock);
    if (abandoned) return NULL; /* the server is gone */
    if (c) {
        hc_call_finish_rank(c, rank, status);
        one_less(c);
    }
    pthread_mutex_lock(&p->lock);
    p->threads--;
    pthread_cond_broadcast(&p->fewer);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ----------------------------------------------------------------------------------------------------- making children */
static child *reserve(processes *p, int *error) {
    child *k = NULL;
    pthread_mutex_lock(&p->lock);
    uint32_t used = 0;
    for (uint32_t i = 0; i < HC_MAX_CHILDREN; i++) {
        if (p->children[i].id) used++;
        else if (!k) k = &p->children[i];
    }
    *error = p->closing ? -ESHUTDOWN : -EAGAIN;
    if (p->closing || used >= p->most) k = NULL;
    if (k) {
        p->generation = (p->generation + 1) & 0x3fffff;
        *k = (child){.all = p, .id = (uint32_t)(k - p->children) | (p->generation + 1) << 8};
    }
    pthread_mutex_unlock(&p->lock);
    return k;
}

static void cancel(child *k) {
    pthread_mutex_lock(&k->all->lock);
    k->id = 0;
    pthread_mutex_unlock(&k->all->lock);
}

static int begin(child *k) {
    processes *p = k->all;
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_mutex_lock(&p->lock);
    p->threads++;
    pthread_mutex_unlock(&p->lock);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int rc = pthread_create(&thread, &attributes, child_main, k);
    pthread_attr_destroy(&attributes);
    if (rc == 0) return 0;
    end_it(&k->spawned, SIGKILL);
    while (waitpid(k->spawned.pid, NULL, 0) < 0 && errno == EINTR) {}
    shut(&k->spawned.out);
    shut(&k->spawned.err);
    pthread_mutex_lock(&p->lock);
    p->threads--;
    pthread_mutex_unlock(&p->lock);
    return -rc;
}

/* The command of the lane, with its NUL, to be freed. */
static int take_command(const hc_call *c, uint32_t rank, char **command) {
    int64_t n = c->arg[0][rank];
    if (n < 0 || (uint64_t)n > c->payload_len[rank]) return -EINVAL;
    if (n > COMMAND_MAX) return -E2BIG;
    if ((n && !c->payload[rank]) || c->kind == HC_PAY_BYREF) return -EFAULT;
    if (!(*command = malloc((size_t)n + 1))) return -ENOMEM;
    if (n) memcpy(*command, c->payload[rank], (size_t)n);
    (*command)[n] = 0;
    return 0;
}

static bool allowed(processes *p) { return p->most > 0; }

/* Starts what the lane wants; in and out as for hc_spawn. */
static int spawn_lane(processes *p, hc_call *c, uint32_t rank, int in, int out, child **made) {
    char *command = NULL;
    int rc = allowed(p) ? take_command(c, rank, &command) : -EACCES;
    if (rc < 0) return rc;
    child *k = reserve(p, &rc);
    if (k) {
        (void)hc_stdio_flush(c->server); /* what lanes wrote before stands before what the child writes */
        rc = hc_spawn(hc_fs_of(c), command, p->env, p->env_bytes, in, out, &k->spawned);
        if (rc < 0) cancel(k);
    }
    free(command);
    *made = k;
    return rc < 0 ? rc : 0;
}

/* --------------------------------------------------------------------------------------------------------- services */
/* Parks the lanes whose children are in `of`, and lets the children run (first) or the waits begin. */
static int wait_for(processes *p, hc_call *c, child *const of[HC_MAX_LANES], uint32_t ranks, bool begins) {
    waiting *w = malloc(sizeof *w);
    int rc = w ? hc_call_park(c, ranks) : -ENOMEM;
    if (rc < 0) {
        free(w);
        for (uint32_t i = 0; i < c->lanes; i++) {
            if (!(ranks >> i & 1)) continue;
            c->result[i] = rc;
            if (!begins) continue;
            end_it(&of[i]->spawned, SIGKILL);
            of[i]->forgotten = true;
            if (begin(of[i]) < 0) cancel(of[i]);
        }
        return HC_SERVED;
    }
    const uint32_t lanes = c->lanes;
    atomic_init(&w->left, (uint32_t)__builtin_popcount(ranks) + 1);
    c->scratch = w;
    for (uint32_t i = 0; i < lanes; i++) {
        if (!(ranks >> i & 1)) continue;
        child *k = of[i];
        int64_t now = 0;
        pthread_mutex_lock(&p->lock);
        bool over = k->over;
        k->forgotten = true;
        if (over) {
            now = k->status;
            k->id = 0;
        } else {
            k->call = c;
            k->rank = i;
        }
        pthread_mutex_unlock(&p->lock);
        if (begins && (now = begin(k)) < 0) {
            cancel(k);
            over = true;
        }
        if (!over) continue;
        hc_call_finish_rank(c, i, now);
        one_less(c);
    }
    one_less(c);
    return HC_TAKEN;
}

static int system_(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    processes *p = hc_server_part(c->server, HC_PART_PROCESS);
    child *of[HC_MAX_LANES] = {0};
    uint32_t ranks = 0;
    for (uint32_t i = 0; i < c->lanes; i++) {
        if (c->arg[0][i] == 0) {
            c->result[i] = allowed(p) && access("/bin/sh", X_OK) == 0;
            continue;
        }
        c->result[i] = spawn_lane(p, c, i, -1, -1, &of[i]);
        if (c->result[i] == 0) ranks |= 1u << i;
    }
    return ranks ? wait_for(p, c, of, ranks, true) : HC_SERVED;
}

static int64_t popen_lane(processes *p, hc_call *c, uint32_t rank) {
    hc_fs *fs = hc_fs_of(c);
    int64_t writes = c->arg[1][rank];
    if (writes != 0 && writes != 1) return -EINVAL;
    if (!allowed(p)) return -EACCES;
    int ends[2], number = hc_descriptor_reserve(&fs->descriptors, 0), rc = number;
    if (number < 0) return number;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        rc = -errno;
        hc_descriptor_cancel(&fs->descriptors, number);
        return rc;
    }
    for (int i = 0; i < 2; i++)
        if ((ends[i] = hc_fd_above_stdio(ends[i])) < 0) rc = -errno;
    int ours = ends[writes ? 1 : 0], theirs = ends[writes ? 0 : 1];
    child *k = NULL;
    hc_file *file = NULL;
    if (rc >= 0 && fcntl(ours, F_SETFL, O_NONBLOCK) < 0) rc = -errno;
    if (rc >= 0 && !(file = hc_file_new(HC_FILE_WAITS, ours))) rc = -ENOMEM;
    if (rc >= 0) rc = spawn_lane(p, c, rank, writes ? theirs : -1, writes ? -1 : theirs, &k);
    if (theirs >= 0) close(theirs);
    if (rc < 0) {
        if (file) hc_file_put(file);
        else if (ours >= 0) close(ours);
        hc_descriptor_cancel(&fs->descriptors, number);
        return rc;
    }
    uint32_t id = k->id; /* once it runs and pclose was called by a guess, it is not ours to look at */
    if ((rc = begin(k)) < 0) {
        cancel(k);
        hc_file_put(file);
        hc_descriptor_cancel(&fs->descriptors, number);
        return rc;
    }
    file->reads = !writes;
    file->writes = writes;
    file->host_nonblock = true;
    hc_descriptor_install(&fs->descriptors, number, file);
    return (int64_t)number | (int64_t)id << 32;
}

static int popen_(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    processes *p = hc_server_part(c->server, HC_PART_PROCESS);
    for (uint32_t i = 0; i < c->lanes; i++) c->result[i] = popen_lane(p, c, i);
    return HC_SERVED;
}

static int pclose_(hc_call *c) {
    if (!hc_on_worker()) return HC_WORKER;
    processes *p = hc_server_part(c->server, HC_PART_PROCESS);
    child *of[HC_MAX_LANES] = {0};
    uint32_t ranks = 0;
    pthread_mutex_lock(&p->lock);
    for (uint32_t i = 0; i < c->lanes; i++) {
        uint64_t id = (uint64_t)c->arg[0][i];
        child *k = &p->children[id & 255u];
        c->result[i] = -ECHILD;
        if (id == 0 || id > INT32_MAX || k->id != id || k->forgotten) continue;
        k->forgotten = true; /* nobody else can wait for it from here on */
        of[i] = k;
        ranks |= 1u << i;
    }
    pthread_mutex_unlock(&p->lock);
    return ranks ? wait_for(p, c, of, ranks, false) : HC_SERVED;
}

/* ------------------------------------------------------------------------------------------------------- the family */
int hc_process_allow(hc_server *s, const char *env, size_t env_bytes, uint32_t most) {
    processes *p = hc_server_part(s, HC_PART_PROCESS);
    char *copy = malloc(env_bytes + 1);
    if (!copy) return -ENOMEM;
    memcpy(copy, env, env_bytes);
    copy[env_bytes] = 0;
    pthread_mutex_lock(&p->lock);
    free(p->env);
    p->env = copy;
    p->env_bytes = env_bytes;
    p->most = most < HC_MAX_CHILDREN ? most : HC_MAX_CHILDREN;
    pthread_mutex_unlock(&p->lock);
    return 0;
}

static void *process_create(hc_server *s) {
    processes *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->server = s;
    if ((p->wake = hc_fd_above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) < 0) {
        free(p);
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&p->fewer, &clock);
    pthread_condattr_destroy(&clock);
    return p;
}

/* The threads use the sinks and the calls, so they have ended before anything is given back. */
static void process_stop(hc_server *s, void *part) {
    processes *p = part;
    struct timespec until;
    uint64_t one = 1;
    int rc = 0;
    (void)s;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CLOSE_SECONDS;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    if (write(p->wake, &one, sizeof one) < 0) rc = 0; /* it is readable already */
    while (p->threads && rc == 0) rc = pthread_cond_timedwait(&p->fewer, &p->lock, &until);
    p->abandoned = p->threads != 0; /* a child that cannot be killed: its thread keeps what it uses */
    pthread_mutex_unlock(&p->lock);
}

static void process_destroy(hc_server *s, void *part) {
    processes *p = part;
    (void)s;
    if (p->abandoned) return;
    close(p->wake);
    free(p->env);
    pthread_cond_destroy(&p->fewer);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static const struct hc_family_op ops[] = {
    {HC_OP_SYSTEM, system_, "system", 1},
    {HC_OP_POPEN, popen_, "popen", 2},
    {HC_OP_PCLOSE, pclose_, "pclose", 1},
};
const hc_family hc_family_process = {
    .name = "process",
    .part = HC_PART_PROCESS,
    .create = process_create,
    .stop = process_stop,
    .destroy = process_destroy,
    .ops = ops,
    .nops = sizeof ops / sizeof ops[0],
};
