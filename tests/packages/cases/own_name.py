
#
# Emulation of own_name() function for platforms that have none
#

x = 1
