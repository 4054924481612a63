package fields

import "reflect"

// storable returns what keeps values of t from being stored, or "", and adds
// the struct types in t to nested.
func storable(t reflect.Type, tag Tag, nested map[reflect.Type]bool) string {
	seen := map[reflect.Type]bool{}
	for {
		if Custom(t, tag) || seen[t] { // type tree []tree holds itself
			return ""
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Map:
			if !mapKey(t.Key()) {
				return "the key of a map is a string, a number, a bool or an encoding.TextMarshaler"
			}
			t = t.Elem()
		case reflect.Pointer, reflect.Slice, reflect.Array:
			t = t.Elem()
		case reflect.Struct:
			if !Whole(t, tag) {
				nested[t] = true
			}
			return ""
		case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Uintptr, reflect.Complex64, reflect.Complex128:
			return "a " + t.Kind().String() + ` can't be stored; tag the field "-"`
		default:
			return ""
		}
	}
}

// maxPointers ends the walk along a pointer type that points to itself.
const maxPointers = 16

func deref(t reflect.Type) reflect.Type {
	for range maxPointers {
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	return t
}

func mapKey(t reflect.Type) bool {
	if t.Implements(textType) {
		return true
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	}
	return false
}
