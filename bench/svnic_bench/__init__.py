# SPDX-License-Identifier: GPL-2.0-or-later
"""
The benchmarks: a module each.  A module has

  TITLE, FULL         of the page; the options that make a run less than full
  options()           the command line, checked before anything is built
  measure()           runs the rounds; returns the results and the parameters
  tables(), plots()   from the JSON, for the terminal and for the page
  about()             what the description in bench/about may refer to

run.py is what they share.
"""
