package fields

import (
	"strconv"
	"strings"
)

// Lacks says that no field has an attribute, for a message.
func (s *Struct) Lacks(name string) string {
	return "attribute " + name + " has no field in the type" + s.Near(name)
}

// Near returns what an unknown name is likely meant to be, for the end of a
// message: the attribute of a field that is called so in Go or but for the case, or
// of a name that one change or two lead to; "" if there is none.
func (s *Struct) Near(name string) string {
	best, least := "", 3
	for _, f := range s.Fields {
		d := distance(name, f.Name)
		if strings.EqualFold(name, f.Path) || strings.EqualFold(name, f.Name) {
			d = 0
		}
		if d < least && d < len(f.Name)-1 {
			best, least = f.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; is " + strconv.Quote(best) + " meant?"
}

// distance returns how many bytes are put in, left out, replaced, or change places
// with the next, from a to b.
func distance(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
