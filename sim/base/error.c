/* SPDX-License-Identifier: MIT */
#include "sim/base/error.h"

#include <errno.h>

GQuark sim_error_quark(void)
{
	return g_quark_from_static_string("sim-error");
}

bool sim_errno_is_resource(int number)
{
	static const int resources[] = {ENOMEM, EMFILE, ENFILE, EAGAIN, ENOSPC, EDQUOT, EFBIG};

	for (size_t i = 0; i < G_N_ELEMENTS(resources); i++)
		if (number == resources[i])
			return true;
	return false;
}

enum sim_error sim_error_of(int number, enum sim_error otherwise)
{
	return sim_errno_is_resource(number) ? SIM_ERROR_ENVIRONMENT : otherwise;
}

enum sim_error sim_error_of_file(const GError *error, enum sim_error otherwise)
{
	static const int resources[] = {G_FILE_ERROR_NOMEM, G_FILE_ERROR_MFILE, G_FILE_ERROR_NFILE,
	                                G_FILE_ERROR_AGAIN, G_FILE_ERROR_NOSPC};

	for (size_t i = 0; i < G_N_ELEMENTS(resources); i++)
		if (error->domain == G_FILE_ERROR && error->code == resources[i])
			return SIM_ERROR_ENVIRONMENT;
	return otherwise;
}
