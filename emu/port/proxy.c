/* SPDX-License-Identifier: MIT */
/* The entry points of mediator/proxy as a subject: the host is the endpoint of id 0. */
#include <string.h>

#include "emu/port/port.h"
#include "emu/subject/subject.h"
#include "mediator/proxy/proxy.h"

struct version_name {
	const char *name;
	uint32_t version;
	const char *profile;
};

static const struct version_name versions[] = {
        {"1.0", FFA_VERSION_1_0, "single-host-1.0"},
        {"1.1", FFA_VERSION_1_1, "single-host-1.1"},
        {"1.2", FFA_VERSION_1_2, "single-host-1.2"},
};

/* 0, which the proxy refuses, for a text that is no version. */
static uint32_t newest_version(const char *options)
{
	char text[8];

	if (!subject_option(options, "version", text, sizeof text))
		return PROXY_VERSION;
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
		if (strcmp(text, versions[i].name) == 0)
			return versions[i].version;
	return 0;
}

static const char *profile_of(uint32_t version)
{
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
		if (versions[i].version == version)
			return versions[i].profile;
	return "";
}

static enum ffa_status boot(const char *options)
{
	static const char *const keys[] = {"version", NULL};
	struct proxy_config config;

	if (!subject_options_known(options, keys))
		return FFA_INVALID_PARAMETERS;
	config.newest_version = newest_version(options);
	subject_profile(profile_of(config.newest_version));
	return proxy_boot(&config);
}

/* There is one host, and the proxy knows it from the start. */
static enum ffa_status host_create(struct ffa_id host, uint16_t cpus)
{
	if (host.v != FFA_ID_HYPERVISOR || cpus == 0)
		return FFA_INVALID_PARAMETERS;
	return FFA_OK;
}

static void host_call(struct ffa_id host, uint16_t cpu, struct ffa_regs *regs)
{
	(void)host;
	proxy_host_call(cpu, regs);
}

const struct subject_entries subject_entries = {
        .name = "proxy",
        .boot = boot,
        .shutdown = proxy_shutdown,
        .vm_create = host_create,
        .guest_call = host_call,
};
