package fields

import "reflect"

// Merge returns a plan of t, which may be any type, that has the fields of
// lists by their names, of each name the first. It serves to look fields up, by
// name, type and tag: those without an Index lie nowhere.
func Merge(t reflect.Type, lists ...[]Field) *Struct {
	s := &Struct{Type: t, byName: make(map[string]int)}
	for _, fields := range lists {
		for _, f := range fields {
			if _, known := s.byName[f.Name]; !known {
				s.byName[f.Name] = len(s.Fields)
				s.Fields = append(s.Fields, f)
			}
		}
	}
	return s
}
