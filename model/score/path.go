package score

// BestPath is what a path of CTC says: equal neighbors become one, then blanks
// are left out. Of the likeliest class of every frame it is the best path
// decoding of Graves et al. (2006).
func BestPath(path []int, blank int) []int {
	var said []int
	for t, k := range path {
		if k != blank && (t == 0 || path[t-1] != k) {
			said = append(said, k)
		}
	}
	return said
}
