/* SPDX-License-Identifier: Apache-2.0
 *
 * fdopen takes a descriptor where it stands, and refuses what does not fit.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    int fd = open("a", O_RDONLY);
    I(lseek(fd, 4, SEEK_SET));
    P(fdopen(fd, "w"));
    P(fdopen(fd, "r+"));
    P(fdopen(999, "r"));
    P(fdopen(fd, "nonsense"));
    FILE *f;
    P(f = fdopen(fd, "r"));
    I(fileno(f) == fd);
    I(ftell(f));
    I(fgetc(f));
    I(fclose(f));
    X(close(fd));
    fd = open("a", O_RDWR);
    f = fdopen(fd, "a");
    fputs("END", f);
    fclose(f);
    check_file("a");
    return 0;
}
