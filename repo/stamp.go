package repo

import (
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/fields"
)

// UUIDv4 returns a random UUID (RFC 9562, version 4).
func UUIDv4() string { return uuid.NewString() }

// UUIDv7 returns a UUID that sorts by the time it was made (RFC 9562,
// version 7).
func UUIDv7() string { return uuid.Must(uuid.NewV7()).String() }

// A Default is what a field gets on create if it is zero (rule I4). It is made
// by [DefaultTo] and [DefaultFunc].
type Default struct {
	typ  reflect.Type // of the items
	attr string
	err  error
	make func() reflect.Value
}

// DefaultTo returns the default v of an attribute, one of the item's own.
func DefaultTo[T, V any](a cond.Attr[T, V], v V) Default {
	return DefaultFunc(a, func() V { return v })
}

// DefaultFunc returns the default of an attribute that f computes anew for each
// item. It must be safe for concurrent use.
func DefaultFunc[T, V any](a cond.Attr[T, V], f func() V) Default {
	d := Default{typ: reflect.TypeFor[T](), err: a.Err()}
	if p := a.Path(); len(p) == 1 {
		d.attr = p[0].Name
	}
	d.make = func() reflect.Value { v := f(); return reflect.ValueOf(&v).Elem() }
	return d
}

// TTL is the attribute of Unix seconds after which DynamoDB removes an item in
// its own time (rule J4).
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
type TTL struct {
	// Attr is the attribute: an integer field, or a time.Time with the tag
	// option unixtime. "" for none.
	Attr string
	// After is how long an item lasts from a write that finds the field zero.
	// 0 sets nothing.
	After time.Duration
	// Hide keeps expired items out of every read, by Config.Now. Queries and
	// scans then have a filter, which limits take account of.
	Hide bool
}

// stamp fills in what the model keeps up: on create defaults, on create and put
// an id and the creation time, on every write the update time and the end.
func (s *schema) stamp(op string, v reflect.Value, now time.Time) {
	if op == "Create" {
		for i, f := range s.defaulted {
			if fv := f.Alloc(v); fv.IsZero() {
				fv.Set(s.spec.Defaults[i].make())
			}
		}
	}
	if s.id != nil {
		if fv := s.id.Alloc(v); fv.Len() == 0 {
			fv.SetString(s.spec.ID())
		}
	}
	if s.created != nil {
		if fv := s.created.Alloc(v); fv.IsZero() && (op == "Create" || op == "Put") {
			fv.Set(storedTime(s.created, now))
		}
	}
	if s.updated != nil {
		s.updated.Alloc(v).Set(storedTime(s.updated, now))
	}
	if s.ends != nil && s.spec.TTL.After > 0 {
		if fv := s.ends.Alloc(v); fv.IsZero() {
			fv.Set(s.end(now))
		}
	}
}

// end returns when an item that is written now ends, as its field holds it.
func (s *schema) end(now time.Time) reflect.Value {
	end := now.Add(s.spec.TTL.After).Truncate(time.Second)
	if s.ends.Type == timeType {
		return reflect.ValueOf(end)
	}
	return reflect.ValueOf(end.Unix()).Convert(s.ends.Type)
}

// hides reports whether expired items are kept out of reads.
func (s *schema) hides() bool { return s.ends != nil && s.spec.TTL.Hide }

// storedTime is a time as it will be loaded from a field.
func storedTime(f *fields.Field, t time.Time) reflect.Value {
	if f.Tag.UnixTime {
		t = t.Truncate(time.Second)
	}
	return reflect.ValueOf(t)
}

// embeddedPointers returns where a struct embeds others by pointer, the outer
// ones first.
func embeddedPointers(p *fields.Struct) [][]int {
	var all [][]int
	for _, f := range p.Fields {
		for n := 1; n < len(f.Index); n++ {
			at := f.Index[:n]
			known := slices.ContainsFunc(all, func(o []int) bool { return slices.Equal(o, at) })
			if !known && p.Type.FieldByIndex(at).Type.Kind() == reflect.Pointer {
				all = append(all, at)
			}
		}
	}
	return all
}

// detach gives a copy of an item embedded structs of its own.
func (s *schema) detach(v reflect.Value) {
	for _, at := range s.embedded {
		fv, err := v.FieldByIndexErr(at)
		if err != nil || fv.IsNil() {
			continue
		}
		own := reflect.New(fv.Type().Elem())
		own.Elem().Set(fv.Elem())
		fv.Set(own)
	}
}

// expired reports whether an item is to be hidden at a time.
func (s *schema) expired(v reflect.Value, now time.Time) bool { return over(s.endOf(v), now) }

// endOf returns the Unix seconds from which an item is to be hidden; 0 or less
// is never.
func (s *schema) endOf(v reflect.Value) int64 {
	if !s.hides() {
		return 0
	}
	s, v, err := s.of(v)
	if err != nil {
		return 0
	}
	fv, ok := s.ends.Value(v)
	if !ok {
		return 0
	}
	if t, ok := fv.Interface().(time.Time); ok {
		return t.Unix()
	}
	return fv.Convert(int64Type).Int()
}

// over reports whether an end has come.
func over(end int64, now time.Time) bool { return end > 0 && end <= now.Unix() }

// ended is expired of an item that was not decoded.
func (s *schema) ended(m item, now time.Time) bool {
	if !s.hides() {
		return false
	}
	n, ok := m[s.ends.Name].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	seconds, err := strconv.ParseFloat(n.Value, 64)
	return err == nil && seconds > 0 && seconds <= float64(now.Unix())
}

// alive is the filter that hides what is expired at a time.
func (s *schema) alive(now time.Time) expression.ConditionBuilder {
	name := expression.NameNoDotSplit(s.ends.Name)
	return expression.Or(
		expression.Not(name.AttributeType(expression.Number)),
		name.LessThanEqual(expression.Value(0)),
		name.GreaterThan(expression.Value(now.Unix())),
	)
}
