package fields

import "reflect"

// IsNil reports whether v is nil, or leads to a nil pointer: a field that holds it
// is not stored.
func IsNil(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map {
		return v.IsNil()
	}
	for range maxPointers {
		if v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface {
			break
		}
		if v.IsNil() {
			return true
		}
		v = v.Elem()
	}
	return !v.IsValid()
}
