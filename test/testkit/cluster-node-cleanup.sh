#!/bin/sh
# Takes everything of a test node off this machine, whatever state it is in, and nothing else: processes, containers, mounts,
# control groups, the bridge, iptables chains, logs of pods, kernel settings. Does nothing where there is nothing.
state=/run/sluice-node
data=/var/lib/sluice-node
bridge=sluice0
network=sluice-node

# By name and path: a shell in which somebody looks at these folders is none of ours.
for process in /proc/[0-9]*; do
  read -r name < "$process/comm" || continue
  case $name in
    kubelet | kube-proxy | coredns | containerd | containerd-shim*)
      tr '\0' ' ' < "$process/cmdline" | grep -q -e "$state" -e "$data" && kill -KILL "${process#/proc/}"
      ;;
  esac
done 2> /dev/null

pods=$(find /sys/fs/cgroup -maxdepth 2 -type d -name kubepods 2> /dev/null)
if [ -n "$pods" ]; then
  attempt=0
  # A killed process is in its group until the kernel is through with it.
  while [ $attempt -lt 50 ]; do
    ids=$(find $pods -name cgroup.procs -exec cat {} + 2> /dev/null | sort -u)
    [ -z "$ids" ] && break
    kill -KILL $ids 2> /dev/null
    sleep 0.1
    attempt=$((attempt + 1))
  done
  find $pods -depth -type d -exec rmdir {} + 2> /dev/null
fi

attempt=0
while [ $attempt -lt 3 ] && grep -q -e " $state" -e " $data" /proc/mounts; do
  grep -e " $state" -e " $data" /proc/mounts | cut -d ' ' -f 2 | sort -r | while read -r place; do
    umount -l "$place" 2> /dev/null
  done
  attempt=$((attempt + 1))
done

if ip link show "$bridge" > /dev/null 2>&1; then
  for port in $(ip -o link show master "$bridge" | sed 's/^[0-9]*: \([^@:]*\).*/\1/'); do ip link delete "$port"; done
  ip link delete "$bridge"
fi 2> /dev/null

for family in iptables ip6tables; do
  rules=$($family-save 2> /dev/null) || continue
  masquerading=$(echo "$rules" | grep "name: ..$network" | grep -o 'CNI-[0-9a-f]*' | sort -u | tr '\n' '|')
  pattern="${masquerading}KUBE-"
  if echo "$rules" | grep -q -E -e "$pattern"; then
    echo "$rules" | grep -v -E -e "$pattern" | $family-restore
  fi
done

for pod in "$data"/kubelet/pods/*; do rm -rf /var/log/pods/*_"${pod##*/}"; done
find /var/log/containers -xtype l -delete 2> /dev/null
rm -f /var/lib/cni/results/"$network"-*
if [ -e "$state/absent-folders" ]; then
  while read -r folder; do rm -rf --one-file-system "$folder"; done < "$state/absent-folders"
fi

if [ -e "$state/kernel-settings" ]; then
  while read -r path value; do echo "$value" > "$path"; done < "$state/kernel-settings"
fi 2> /dev/null

# Never through a mount that could not be taken away.
rm -rf --one-file-system "$state" "$data"
