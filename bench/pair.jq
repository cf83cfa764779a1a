# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/pair: from the guest's lines, one object a measurement, to one object a
# (vCPUs, peer, quantity) with the median, the least and the most of the rounds.
# Peers keep the order in which they were measured.

def median:
    sort
    | if length % 2 == 1 then .[length / 2 | floor]
      else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# The quantities of one measurement, by the name they have in the results.
def quantities:
    if .test == "rtt" then
        {rtt_median_ms: .median, rtt_p99_ms: .p99, rtt_mean_ms: .mean}
    elif .mbit then
        {"\(.test)_mbit": .mbit}
    else
        {"\(.test)_pps": .pps, "\(.test)_lost": .lost}
    end;

[ .[] | . as $line | quantities | to_entries[]
  | {vcpus: $line.vcpus, peer: $line.peer, name: .key, value: .value} ]
| . as $all
| reduce $all[] as $m ([];
    if any(.[]; .vcpus == $m.vcpus and .peer == $m.peer and .name == $m.name)
    then . else . + [$m | del(.value)] end)
| map(. as $row
      | [$all[] | select(.vcpus == $row.vcpus and .peer == $row.peer
                         and .name == $row.name) | .value] as $values
      | . + {median: ($values | median), min: ($values | min),
             max: ($values | max), rounds: ($values | length)})
