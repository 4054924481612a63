# Runs a command in a directory until the command ends or standard input closes,
# which it does when the process at its other end is gone, however it went.
# Then the command is killed and the directory removed.
# Usage: sh -c SCRIPT sh DIRECTORY COMMAND...
dir=$1
shift
# Ctrl-C reaches the whole foreground group; this shell must live to clean up.
trap '' HUP INT QUIT TERM
# A shell gives background commands an empty standard input: keep the real one.
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{
	read -r _ <&3
	kill -9 "$child"
} &
watcher=$!
wait "$child"
status=$?
kill -9 "$watcher"
rm -rf "$dir"
exit "$status"
