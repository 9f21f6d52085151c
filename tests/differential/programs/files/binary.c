/* SPDX-License-Identifier: Apache-2.0
 *
 * NULs and all other bytes through read and write.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    unsigned char all[512], back[512];
    for (int i = 0; i < 512; i++) all[i] = (unsigned char)(i ^ i >> 8);
    int fd = open("a", O_RDWR | O_CREAT, 0666);
    I(write(fd, all, sizeof all));
    I(write(fd, "", 1));
    I(lseek(fd, 0, SEEK_SET));
    I(read(fd, back, sizeof back));
    I(memcmp(all, back, sizeof all));
    I(read(fd, back, 5));
    I(back[0]);
    close(fd);
    return 0;
}
