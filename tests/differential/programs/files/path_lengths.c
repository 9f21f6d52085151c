/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of 255 and 256 bytes, paths up to PATH_MAX and beyond.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    static char name[300], path[PATH_MAX + 10];
    memset(name, 'n', 255);
    int fd;
    I((fd = open(name, O_WRONLY | O_CREAT, 0666)) >= 0);
    close(fd);
    I(unlink(name));
    name[255] = 'n';
    X(open(name, O_WRONLY | O_CREAT, 0666));
    X(mkdir(name, 0777));
    memset(path, '/', sizeof path);
    memcpy(path, ".", 1);
    memcpy(path + PATH_MAX - 2, "f", 2);
    I(strlen(path));
    I((fd = open(path, O_WRONLY | O_CREAT, 0666)) >= 0);
    close(fd);
    memcpy(path + PATH_MAX - 2, "/f", 3);
    I(strlen(path));
    X(open(path, O_RDONLY));
    struct stat st;
    X(stat(path, &st));
    X(unlink(path));
    return 0;
}
