/* SPDX-License-Identifier: Apache-2.0
 *
 * utimensat sets the times, leaves and takes now.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include "check.h"

int main(void) {
    struct stat st;
    make_file("a", "");
    struct timespec times[2] = {{1000000000, 123456789}, {1234567890, 987654321}};
    X(utimensat(AT_FDCWD, "a", times, 0));
    stat("a", &st);
    I(st.st_atim.tv_sec);
    I(st.st_mtim.tv_sec);
    I(st.st_mtim.tv_nsec / 1000);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = 5;
    times[1].tv_nsec = 0;
    X(utimensat(AT_FDCWD, "a", times, 0));
    stat("a", &st);
    I(st.st_atim.tv_sec);
    I(st.st_mtim.tv_sec);
    X(utimensat(AT_FDCWD, "a", NULL, 0));
    stat("a", &st);
    I(st.st_mtim.tv_sec > 1600000000);
    X(utimensat(AT_FDCWD, "none", NULL, 0));
    times[0].tv_nsec = 2000000000;
    X(utimensat(AT_FDCWD, "a", times, 0));
    return 0;
}
