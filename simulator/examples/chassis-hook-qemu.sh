#!/bin/sh
# A chassis hook that makes a QEMU guest the machine of a simulated BMC, its first serial port the console of Serial
# over LAN:
#
#   export GUEST="-m 512 -drive file=disk.qcow2" CONSOLE=tcp:127.0.0.1:4555
#   bmc-sim --lan 127.0.0.1:9623 --sol listen:127.0.0.1:4555 --chassis-hook simulator/examples/chassis-hook-qemu.sh
#   ipmitool -I lanplus -H 127.0.0.1 -p 9623 -U admin -P admin chassis power on
#   ipmitool -I lanplus -H 127.0.0.1 -p 9623 -U admin -P admin sol activate
#
# GUEST holds QEMU's own arguments, CONSOLE what its `-serial` takes. With several BMCs (--count) each has a guest of its
# own: BMC_SIM_INDEX tells them apart, and "%" in CONSOLE stands for it.
set -eu

guest=${GUEST:--m 128}
qemu=${QEMU:-qemu-system-x86_64}
index=${BMC_SIM_INDEX:-0}
console=$(printf '%s' "${CONSOLE:-null}" | sed "s/%/$index/g")
directory=${RUN_DIRECTORY:-${XDG_RUNTIME_DIR:-/tmp}}/bmc-sim-guest-$index
pid_file=$directory/pid
monitor=$directory/monitor

is_on() {
    [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}

# Tells QEMU something over its monitor, which reads a pipe and says nothing.
tell() {
    is_on && printf '%s\n' "$1" >"$monitor.in"
}

case ${1:-} in
on)
    is_on && exit 0
    mkdir -p -m 700 "$directory"
    rm -f "$monitor.in" "$monitor.out"
    mkfifo -m 600 "$monitor.in"
    ln -s /dev/null "$monitor.out"
    # The guest's arguments are words on purpose.
    # shellcheck disable=SC2086
    exec "$qemu" $guest -display none -serial "$console" -daemonize -pidfile "$pid_file" \
        -chardev "pipe,id=monitor,path=$monitor" -mon chardev=monitor
    ;;
off)
    is_on || exit 0
    kill "$(cat "$pid_file")"
    # Off is when it is gone.
    while is_on; do sleep 0.1; done
    ;;
reset) tell system_reset ;;
diag) tell nmi ;;
soft) tell system_powerdown ;;
status) is_on ;;
*)
    echo "usage: $0 on|off|reset|diag|soft|status" >&2
    exit 2
    ;;
esac
