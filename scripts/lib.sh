# lib.sh -- what up, down and run share: where things are, how a service is
# started, watched and stopped. Sourced by bash, from any folder.
#
#   RUN_DIR    keys, database, logs and pids (default .run)
#   PORT_BASE  first port (default 17100); a service takes the next two of ten

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUN_DIR=${RUN_DIR:-$top/.run}
case $RUN_DIR in /*) ;; *) RUN_DIR=$PWD/$RUN_DIR ;; esac
PORT_BASE=${PORT_BASE:-17100}
BUILD=${BUILD:-$top/build}
# make knows what stands below the tree by its relative name: by another one
# it would not see that a header has changed.
make_build=${BUILD#"$top"/}
case $BUILD in /*) ;; *) BUILD=$top/$BUILD ;; esac
bin=$BUILD/bin

# In the order in which they start; they stop in the other one.
services=(directory complaints kpi social gateway)
# The built pages; the gateway serves none where there are none.
web=$top/services/gateway/web/dist

die() {
	echo "$*" >&2
	exit 1
}

port_of() {
	case $1 in
	directory) echo "$PORT_BASE" ;;
	complaints) echo $((PORT_BASE + 10)) ;;
	kpi) echo $((PORT_BASE + 20)) ;;
	social) echo $((PORT_BASE + 40)) ;;
	gateway) echo $((PORT_BASE + 30)) ;;
	*) die "no port for $1" ;;
	esac
}
ops_port_of() {
	echo $(($(port_of "$1") + 1))
}
endpoint_of() {
	echo "tcp://127.0.0.1:$(port_of "$1")"
}

# runs FILE WORD -- does the process of a pid file live, and is it the one that
# WORD names? After a reboot the number may be somebody else's.
runs() {
	local pid
	pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 1
	{ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q -- "$2"
}
supervisor_runs() {
	runs "$RUN_DIR/$1.supervisor.pid" scripts/supervise
}

# outdated NAME -- does it run a program whose file was replaced since?
outdated() {
	[[ $(readlink "/proc/$(cat "$RUN_DIR/$1.pid")/exe") == *' (deleted)' ]]
} 2>/dev/null

# http_ok PORT PATH -- is the answer 200?
http_ok() {
	local status
	exec 9<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&9
	read -r -t 2 _ status _ <&9
	exec 9>&-
	[ "$status" = 200 ]
} 2>/dev/null

# Nobody else may answer where ours should.
port_free() {
	! (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Starts NAME under scripts/supervise, in a session of its own, so that Ctrl-C
# reaches only scripts/run, which stops everything in order.
supervised() {
	local name=$1
	shift
	setsid "$top/scripts/supervise" "$RUN_DIR" "$name" "$@" \
		</dev/null >>"$RUN_DIR/$name.log" 2>&1 9>&- &
	disown
}

# Ends what supervised() started; waits for the drain. A service whose
# supervisor was killed is ended as well.
stop_supervised() {
	local name=$1 i pids=()
	supervisor_runs "$name" &&
		pids+=("$(cat "$RUN_DIR/$name.supervisor.pid")")
	runs "$RUN_DIR/$name.pid" "$bin/suyuan" &&
		pids+=("$(cat "$RUN_DIR/$name.pid")")
	# The supervisor tells its program; one that lost it is told here.
	[ ${#pids[@]} = 0 ] || kill -TERM "${pids[0]}" 2>/dev/null || true
	for ((i = 0; i < 300; i++)); do
		supervisor_runs "$name" || runs "$RUN_DIR/$name.pid" "$bin/suyuan" ||
			break
		sleep 0.1
	done
	if [ "$i" = 300 ]; then
		echo "$name did not drain in 30 s: killed" >&2
		kill -KILL "${pids[@]}" 2>/dev/null || true
	fi
	rm -f "$RUN_DIR/$name.supervisor.pid" "$RUN_DIR/$name.pid"
}

# wait_ready NAME SECONDS
wait_ready() {
	local name=$1 i
	for ((i = 0; i < $2 * 10; i++)); do
		http_ok "$(ops_port_of "$name")" /readyz && return 0
		supervisor_runs "$name" ||
			die "$name is not running; see $RUN_DIR/$name.log"
		sleep 0.1
	done
	tail -n 5 "$RUN_DIR/$name.log" >&2
	die "$name is not ready after $2 s; see $RUN_DIR/$name.log"
}
