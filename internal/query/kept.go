package query

import (
	"reflect"
	"time"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/model"
)

var timeType = reflect.TypeFor[time.Time]()

// kept tells of an attribute, by the type of its field alone, whether every item of
// the model has it, and whether it is then never empty.
func kept(t *model.Table) func(attr string) (there, filled bool) {
	return func(attr string) (there, filled bool) {
		if t.Kind != nil && t.Kind.Attr == attr {
			return true, true
		}
		if t.Fields == nil {
			return false, false // of an interface
		}
		f := t.Fields.Field(attr)
		if f == nil || len(f.Index) == 0 || f.Tag.OmitEmpty || f.Tag.NullEmpty || behindPointer(t.Fields.Type, f) {
			return false, false
		}
		if f == t.Stamps.ID || f == t.Stamps.Version {
			return true, true
		}
		switch k := f.Type.Kind(); {
		case fields.Custom(f.Type, f.Tag):
			return false, false
		case k == reflect.String:
			return true, fields.IsNumber(f.Type)
		case k >= reflect.Int && k <= reflect.Float64, f.Type.ConvertibleTo(timeType):
			return true, true
		case k == reflect.Array:
			return true, f.Type.Len() > 0
		}
		return false, false
	}
}

// behindPointer reports whether a field lies in an embedded struct that may be nil.
func behindPointer(t reflect.Type, f *fields.Field) bool {
	for _, i := range f.Index[:len(f.Index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}
