/* SPDX-License-Identifier: Apache-2.0
 *
 * The services that tell about the process, its user and its machine. Nothing here changes anything, and of the accounts
 * of the machine it gives away the process's own alone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "fs.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

typedef int64_t (*lane_fn)(hc_call *c, uint32_t rank);

static int each_lane(hc_call *c, lane_fn fn) {
    if (!hc_on_worker()) return HC_WORKER; /* the user database can be on another machine */
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = c->kind == HC_PAY_BYREF ? -EINVAL : fn(c, r);
    return HC_SERVED;
}

/* Bytes of the answer, which is as long as the lane said, or -errno. */
static int64_t answer(hc_call *c, uint32_t rank, const void *from, uint64_t bytes) {
    if (c->kind != HC_PAY_STAGED || !c->payload[rank]) return -EFAULT;
    if (c->payload_len[rank] < bytes) return -ERANGE;
    memcpy(c->payload[rank], from, bytes);
    return (int64_t)bytes;
}

static int64_t number_lane(hc_call *c, uint32_t rank) {
    switch (c->arg[0][rank]) {
    case HC_NUMBER_PPID: return getppid();
    case HC_NUMBER_UID: return getuid();
    case HC_NUMBER_EUID: return geteuid();
    case HC_NUMBER_GID: return getgid();
    case HC_NUMBER_EGID: return getegid();
    case HC_NUMBER_PGID: return getpgid(0);
    case HC_NUMBER_SID: return getsid(0);
    case HC_NUMBER_OPEN_MAX: return hc_fs_of(c)->descriptors.quota;
    case HC_NUMBER_HOSTID: return gethostid() & 0xffffffff;
    default: return -EINVAL;
    }
}

static int64_t text_lane(hc_call *c, uint32_t rank) {
    struct utsname u;
    char name[256];
    if (c->arg[1][rank] == HC_TEXT_LOGIN) {
        int rc = getlogin_r(name, sizeof name);
        return rc ? -rc : answer(c, rank, name, strlen(name) + 1);
    }
    if (uname(&u) < 0) return -errno;
    const char *text = c->arg[1][rank] == HC_TEXT_SYSNAME    ? u.sysname
                       : c->arg[1][rank] == HC_TEXT_NODENAME ? u.nodename
                       : c->arg[1][rank] == HC_TEXT_RELEASE  ? u.release
                       : c->arg[1][rank] == HC_TEXT_VERSION  ? u.version
                       : c->arg[1][rank] == HC_TEXT_MACHINE  ? u.machine
                       : c->arg[1][rank] == HC_TEXT_DOMAIN   ? u.domainname
                                                             : NULL;
    return text ? answer(c, rank, text, strlen(text) + 1) : -EINVAL;
}

static int64_t rusage_lane(hc_call *c, uint32_t rank) {
    struct rusage r;
    int64_t who = c->arg[1][rank];
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD) return -EINVAL;
    /* A lane is no thread of this process: it has the process's own. */
    if (getrusage(who == RUSAGE_CHILDREN ? RUSAGE_CHILDREN : RUSAGE_SELF, &r) < 0) return -errno;
    int64_t wire[18] = {r.ru_utime.tv_sec, r.ru_utime.tv_usec, r.ru_stime.tv_sec, r.ru_stime.tv_usec, r.ru_maxrss,
                        r.ru_ixrss,        r.ru_idrss,         r.ru_isrss,        r.ru_minflt,        r.ru_majflt,
                        r.ru_nswap,        r.ru_inblock,       r.ru_oublock,      r.ru_msgsnd,        r.ru_msgrcv,
                        r.ru_nsignals,     r.ru_nvcsw,         r.ru_nivcsw};
    return answer(c, rank, wire, sizeof wire);
}

static int64_t sysinfo_lane(hc_call *c, uint32_t rank) {
    struct sysinfo i;
    if (sysinfo(&i) < 0) return -errno;
    hc_sysinfo_wire w = {.uptime = (hc_u64)i.uptime,
                         .loads = {i.loads[0], i.loads[1], i.loads[2]},
                         .totalram = i.totalram,
                         .freeram = i.freeram,
                         .sharedram = i.sharedram,
                         .bufferram = i.bufferram,
                         .totalswap = i.totalswap,
                         .freeswap = i.freeswap,
                         .procs = i.procs,
                         .totalhigh = i.totalhigh,
                         .freehigh = i.freehigh,
                         .unit = i.mem_unit};
    return answer(c, rank, &w, sizeof w);
}

/* The line of /etc/passwd or /etc/group, without a password and without members. */
static int64_t account_lane(hc_call *c, uint32_t rank) {
    char name[256] = "", room[4096], line[1024];
    int64_t which = c->arg[1][rank], bytes = c->arg[3][rank];
    bool user = which == HC_ACCOUNT_UID || which == HC_ACCOUNT_USER, by_name = which == HC_ACCOUNT_USER || which == HC_ACCOUNT_GROUP;
    if (which < HC_ACCOUNT_UID || which > HC_ACCOUNT_GROUP || bytes < 0 || (uint64_t)bytes > c->payload_len[rank]) return -EINVAL;
    if (bytes >= (int64_t)sizeof name) return 0;
    if (bytes) {
        if (!c->payload[rank]) return -EFAULT;
        memcpy(name, c->payload[rank], (size_t)bytes);
        name[bytes] = 0;
    }
    struct passwd p, *pp = NULL;
    struct group g, *gg = NULL;
    int rc = user ? getpwuid_r(geteuid(), &p, room, sizeof room, &pp) : getgrgid_r(getegid(), &g, room, sizeof room, &gg);
    if (rc) return -rc;
    int n;
    if (user) {
        if (!pp || (by_name ? strcmp(name, p.pw_name) != 0 : c->arg[2][rank] != (int64_t)p.pw_uid)) return 0;
        n = snprintf(line, sizeof line, "%s:x:%u:%u:%s:%s:%s", p.pw_name, p.pw_uid, p.pw_gid, p.pw_gecos, p.pw_dir, p.pw_shell);
    } else {
        if (!gg || (by_name ? strcmp(name, g.gr_name) != 0 : c->arg[2][rank] != (int64_t)g.gr_gid)) return 0;
        n = snprintf(line, sizeof line, "%s:x:%u", g.gr_name, g.gr_gid);
    }
    return n < 0 || n >= (int)sizeof line ? -ERANGE : answer(c, rank, line, (uint64_t)n + 1);
}

static int number(hc_call *c) {
    for (uint32_t r = 0; r < c->lanes; r++) c->result[r] = number_lane(c, r);
    return HC_SERVED;
}
static int text(hc_call *c) { return each_lane(c, text_lane); }
static int rusage(hc_call *c) { return each_lane(c, rusage_lane); }
static int sysinfo_(hc_call *c) { return each_lane(c, sysinfo_lane); }
static int account(hc_call *c) { return each_lane(c, account_lane); }

static const struct hc_family_op ops[] = {
    {HC_OP_NUMBER, number, "number", 1},
    {HC_OP_TEXT, text, "text", 2},
    {HC_OP_RUSAGE, rusage, "rusage", 2},
    {HC_OP_SYSINFO, sysinfo_, "sysinfo", 1},
    {HC_OP_ACCOUNT, account, "account", 4},
};
const hc_family hc_family_system = {
    .name = "system",
    .part = HC_PART_SYSTEM,
    .ops = ops,
    .nops = sizeof ops / sizeof ops[0],
};
