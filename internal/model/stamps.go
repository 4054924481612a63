package model

import (
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/life"
	"github.com/dynarepo/dynarepo/internal/values"
)

// Stamps are the fields that writes keep up: version, times, id, defaults, and
// the end of items.
type Stamps struct {
	Version, Created, Updated *fields.Field // nil if the model has none
	Ends                      *fields.Field // TTL; nil if the model has none
	ID                        *fields.Field // that is generated; nil if none is
	Lock                      Lock          // nil without a Version
	Defaults                  []Default

	newID func() string
	ttl   TTL
}

// A Lock guards writes of items that were loaded; package repo tells.
type Lock interface {
	Attribute() string
	Guard(current int64) expression.ConditionBuilder
	Bump(expression.UpdateBuilder) expression.UpdateBuilder
	Stale(table string, expected int64, stored map[string]types.AttributeValue, cause error) error
}

// A Default is what a field gets on create if it is zero.
type Default struct {
	Type  reflect.Type // of the items
	Value reflect.Type // of what Make returns
	Attr  string
	Err   error // of the attribute
	Make  func() reflect.Value
	Field *fields.Field
}

// TTL is when items end; package repo tells.
type TTL struct {
	Attr  string
	After time.Duration
	Hide  bool
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	int64Type = reflect.TypeFor[int64]()
)

// stamp fills in what is kept up: defaults and a creation time if the verb says
// so, an id, on every write the update time and the end.
func (s *Stamps) stamp(verb life.Verb, v reflect.Value, now time.Time) {
	if verb.Fills() {
		for i := range s.Defaults {
			if fv := s.Defaults[i].Field.Alloc(v); fv.IsZero() {
				fv.Set(s.Defaults[i].Make())
			}
		}
	}
	if s.ID != nil {
		if fv := s.ID.Alloc(v); fv.Len() == 0 {
			fv.SetString(s.newID())
		}
	}
	if s.Created != nil {
		if fv := s.Created.Alloc(v); fv.IsZero() && verb.Dates() {
			fv.Set(storedTime(s.Created, now))
		}
	}
	if s.Updated != nil {
		s.Updated.Alloc(v).Set(storedTime(s.Updated, now))
	}
	if s.Ending() {
		if fv := s.Ends.Alloc(v); fv.IsZero() {
			fv.Set(s.End(now))
		}
	}
}

// Ending reports whether writes give items an end.
func (s *Stamps) Ending() bool { return s.Ends != nil && s.ttl.After > 0 }

// End returns when an item that is written now ends, as its field holds it.
func (s *Stamps) End(now time.Time) reflect.Value {
	end := now.Add(s.ttl.After).Truncate(time.Second)
	if s.Ends.Type == timeType {
		return reflect.ValueOf(end)
	}
	return reflect.ValueOf(end.Unix()).Convert(s.Ends.Type)
}

// storedTime is a time as it will be loaded from a field.
func storedTime(f *fields.Field, t time.Time) reflect.Value {
	if f.Tag.UnixTime {
		t = t.Truncate(time.Second)
	}
	return reflect.ValueOf(t)
}

// raise sets the next version and returns the one the item was loaded with.
func (s *Stamps) raise(verb life.Verb, v reflect.Value) (loaded int64) {
	if s.Version == nil {
		return 0
	}
	f := s.Version.Alloc(v)
	if !verb.Begins() {
		loaded = f.Convert(int64Type).Int()
	}
	f.Set(reflect.ValueOf(loaded + 1).Convert(f.Type()))
	return loaded
}

// Loaded returns the version of an item, 0 if it has none.
func (s *Stamps) Loaded(v reflect.Value) int64 {
	if s.Version == nil {
		return 0
	}
	f, ok := s.Version.Value(v)
	if !ok {
		return 0
	}
	return f.Convert(int64Type).Int()
}

// Stored returns the version of a stored item, 0 if it has none.
func (s *Stamps) Stored(m values.Item) int64 {
	av, ok := m[s.Version.Name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, _ := strconv.ParseInt(av.Value, 10, 64)
	return n
}
