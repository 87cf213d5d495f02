class T:
	"""
	## Tabs

		x = 1
	  and spaces
	"""
	def f(self):
		#	A tab after the mark
		x =	1
		return x
