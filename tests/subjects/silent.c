/* SPDX-License-Identifier: MIT */
/* A program that is no subject and never says so. Notes each start in the file $SILENT_LOG. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	const char *path = getenv("SILENT_LOG");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	if (fd >= 0 && write(fd, "x", 1) != 1)
		return 1;
	for (;;)
		pause();
}
