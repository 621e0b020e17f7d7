#!/bin/sh
# SPDX-License-Identifier: MIT
# Each rule of structure.sh refuses what it is there to refuse, and only that rule does. TAP on stdout.
set -eu

structure=$(cd "$(dirname "$0")" && pwd)/structure.sh
tree=$(mktemp -d "$PWD/structure.XXXXXX")
trap 'rm -rf "$tree"' EXIT

# put FILE: stdin becomes FILE of the tree, after a licence line.
put()
{
	mkdir -p "$tree/$(dirname "$1")"
	{
		echo '/* SPDX-License-Identifier: MIT */'
		cat
	} >"$tree/$1"
}

# lines N: as many lines of code.
lines()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "\t;" }'
}

good_tree()
{
	rm -rf "${tree:?}"/*
	put abi/a.h <<-'end'
		#include <stdint.h>
		extern uint32_t abi_value;
	end
	put mediator/hypervisor/hyp.h <<-'end'
		#include "abi/a.h"
		void hyp_boot(void);
	end
	put emu/port/port.c <<-'end'
		#include <string.h>
		#include "abi/a.h"
		#include "mediator/hypervisor/hyp.h"
	end
	put sim/sim.c <<-'end'
		#include "abi/a.h"
		/* as hyp_boot() of mediator/hypervisor does, says "proxy" */
		{"hypervisor", FFA_ID_HYPERVISOR},
	end
	{
		echo 'int f(void)'
		echo '{'
		lines 78
		echo '}'
	} | put sim/longest.c
	lines 799 | put sim/largest.c
}

number=0
failed=0

# expect WHAT VERDICT: what structure.sh says of the tree now.
expect()
{
	number=$((number + 1))
	said=$(sh "$structure" "$tree" | sed -n 's/^not ok [0-9]* - //p')
	if [ "$said" = "$2" ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		echo "# fails '$said', not '$2'"
	fi
}

# refuses CHECK WHAT FILE: stdin as FILE of a good tree fails CHECK.
refuses()
{
	good_tree
	put "$3"
	expect "$2" "$1"
}

echo "TAP version 13"
echo "1..25"
good_tree
expect "a good tree" ""

refuses includes "mediator includes the simulator" mediator/m.c <<'end'
#include "emu/subject/subject.h"
end
refuses includes "sim includes a mediator" sim/s.c <<'end'
  #  include "emu/port/port.h"
end
refuses includes "abi includes anything else" abi/b.c <<'end'
#include "emu/shim/shim.h"
end
refuses includes "the shim includes the world" emu/shim/s.c <<'end'
#include "emu/world/world.h"
end
refuses includes "the world includes the subject's side" emu/world/w.c <<'end'
#include "emu/subject/subject.h"
end
refuses includes "the base includes the rest of the simulator" sim/base/s.c <<'end'
#include "sim/run.h"
end
refuses includes "an include not from the root" sim/s.c <<'end'
#include "sim.h"
end
refuses includes "a folder without a rule" emu/other/o.c <<'end'
end

refuses libraries "the mediator uses libc" mediator/m.c <<'end'
#include <string.h>
end
refuses libraries "abi does I/O" abi/b.c <<'end'
#include <stdio.h>
end
refuses libraries "the subject uses GLib" emu/subject/s.c <<'end'
#include <glib.h>
end
refuses libraries "the mediator knows the simulator" mediator/m.c <<'end'
#ifdef FFASIM
#endif
end

refuses names "the world calls a mediator" emu/world/w.c <<'end'
	hyp_boot(&config);
end
refuses names "sim names a mediator" sim/s.c <<'end'
	load("hypervisor");
end
refuses names "sim names a build of a mediator" sim/s.c <<'end'
	load("hypervisor-plain");
end
refuses names "sim names the proxy" sim/s.c <<'end'
	/* comment */ load("proxy"); /* comment */
end

refuses headers "a header that needs another first" sim/s.h <<'end'
extern uint32_t value;
end
refuses headers "a mediator's header that needs libc" mediator/m.h <<'end'
extern size_t size;
end

good_tree
echo 'int x;' >"$tree/sim/bare.c"
expect "a file without a licence" spdx

good_tree
lines 800 | put sim/s.c
expect "a file that is too long" file_lengths
{
	echo 'int f(void)'
	echo '{'
	lines 79
	echo '}'
} | put sim/s.c
expect "a function that is too long" function_lengths

# in two pieces, so that this file passes
printf '\tload("/%s/x");\n' tmp | put sim/s.c
expect "a place on somebody's machine" places
printf '\t/* see /%s */\n' root | put sim/s.c
expect "a place in a comment" places

rm -rf "${tree:?}"/*
number=$((number + 1))
if sh "$structure" "$tree" >/dev/null 2>&1; then
	echo "not ok $number - an empty tree"
	failed=1
else
	echo "ok $number - an empty tree"
fi
exit $failed
