/* SPDX-License-Identifier: MIT */
#include "sim/explore/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/stream.h"

struct head {
	uint32_t message;
	uint32_t size;
};

static void *map_shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		g_error("cannot map %zu bytes of shared memory", size);
	return memory;
}

void sim_crew_init(struct sim_crew *crew, const struct sim_host *host,
                   const struct sim_explore_options *options, unsigned count)
{
	memset(crew, 0, sizeof *crew);
	crew->host = host;
	crew->options = *options;
	crew->count = CLAMP(count, 1, SIM_MAX_WORKERS);
	crew->board = map_shared(sizeof *crew->board);
	if (options->strategy == SIM_STRATEGY_STATEFUL)
		sim_visited_init_shared(&crew->board->visited,
		                        sim_explore_room_for_states(options));
	for (unsigned i = 0; i < crew->count; i++)
		crew->workers[i].desk = map_shared(sizeof *crew->workers[i].desk);
}

void sim_crew_fini(struct sim_crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++) {
		if (crew->workers[i].pid)
			sim_crew_end(&crew->workers[i], crew->workers[i].busy);
		munmap(crew->workers[i].desk, sizeof *crew->workers[i].desk);
	}
	if (crew->board->visited.slots)
		sim_visited_fini(&crew->board->visited);
	munmap(crew->board, sizeof *crew->board);
}

/* Whatever a subject prints is no output of ours, and our input is not for it. */
static void separate_streams(void)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

static _Noreturn void become_worker(const struct sim_crew *crew, struct sim_worker *worker, int fd,
                                    pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	separate_streams();
	/* the others' ends are theirs: an open copy here would hide that they are closed */
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->workers[i].pid)
			close(crew->workers[i].fd);
	worker->fd = fd;
	sim_crew_work(crew, worker);
	_exit(0);
}

bool sim_crew_start(struct sim_crew *crew, struct sim_worker *worker, GError **error)
{
	pid_t parent = getpid(), pid = -1;
	int fds[2];

	memset(worker->desk, 0, sizeof *worker->desk);
	worker->busy = false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) || (pid = fork()) < 0) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot create a process: %s",
		            g_strerror(errno));
		return false;
	}
	if (pid == 0) {
		close(fds[0]);
		become_worker(crew, worker, fds[1], parent);
	}
	close(fds[1]);
	worker->pid = pid;
	worker->fd = fds[0];
	return true;
}

int sim_crew_end(struct sim_worker *worker, bool kill_it)
{
	int status = 0;

	if (kill_it)
		kill(worker->pid, SIGKILL);
	close(worker->fd);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	worker->busy = false;
	return status;
}

static bool write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t written = send(fd, at, size, MSG_NOSIGNAL);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
	return true;
}

bool sim_crew_send(const struct sim_worker *worker, enum sim_crew_message message,
                   const void *bytes, size_t size)
{
	const struct head head = {.message = message, .size = (uint32_t)size};

	return write_all(worker->fd, &head, sizeof head) && write_all(worker->fd, bytes, size);
}

bool sim_crew_receive(const struct sim_worker *worker, enum sim_crew_message *ret_message,
                      GBytes **ret_bytes)
{
	g_autofree char *data = NULL;
	struct head head;

	if (!sim_read_all(worker->fd, &head, sizeof head) || head.size > SIM_MAX_REPORT_SIZE)
		return false;
	data = g_malloc(head.size + 1);
	if (!sim_read_all(worker->fd, data, head.size))
		return false;
	data[head.size] = '\0';
	*ret_message = (enum sim_crew_message)head.message;
	*ret_bytes = g_bytes_new_take(g_steal_pointer(&data), head.size);
	return true;
}

void sim_told_clear(struct sim_told *told)
{
	sim_part_free(told->part);
	g_free(told->position);
	g_free(told->gift);
	g_clear_pointer(&told->log, g_bytes_unref);
	*told = (struct sim_told){0};
}

/* False: there is one, and it is wrong. */
static bool read_position(struct json_object *object, const char *key,
                          struct sim_position **ret_position)
{
	struct json_object *value = NULL;

	*ret_position = NULL;
	if (!json_object_object_get_ex(object, key, &value) || !value)
		return true;
	*ret_position = g_new0(struct sim_position, 1);
	return sim_position_from_json(value, *ret_position, NULL);
}

/* JSON, a zero, hashes. */
bool sim_told_read(GBytes *bytes, struct sim_told *ret_told)
{
	gsize size;
	const char *text = g_bytes_get_data(bytes, &size);
	gsize length = strlen(text) + 1;
	struct json_object *object = json_tokener_parse(text), *part = NULL;

	*ret_told = (struct sim_told){0};
	if (json_object_object_get_ex(object, "part", &part))
		ret_told->part = sim_part_from_json(part, NULL);
	if (!ret_told->part || !read_position(object, "position", &ret_told->position) ||
	    !read_position(object, "gift", &ret_told->gift))
		sim_told_clear(ret_told);
	if (length < size)
		ret_told->log = g_bytes_new_from_bytes(bytes, length, size - length);
	json_object_put(object);
	return ret_told->part;
}
