# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/xen: from dom0's lines, one object a value, to one object a (kind,
# experiment, guests, quantity) with the median, the least and the most of the
# rounds, in the order in which they were measured.

def median:
    sort
    | if length % 2 == 1 then .[length / 2 | floor]
      else (.[length / 2 - 1] + .[length / 2]) / 2 end;

def key: [.kind, .experiment, .guests, .name];

. as $all
| reduce $all[] as $m ([]; if any(.[]; key == ($m | key)) then . else . + [$m] end)
| map(. as $row
      | [$all[] | select(key == ($row | key)) | .value] as $values
      | {kind, experiment, guests, name, median: ($values | median),
         min: ($values | min), max: ($values | max),
         rounds: ($values | length)})
