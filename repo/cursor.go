package repo

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// StartAfter starts behind an item, exclusively (rule B1): itemOrKey is a T, a
// pointer to one, or the key value of one. A key value tells a place in the
// table alone; for an index, whose place needs the index's keys as well
// (rule B2), give an item or use [Query.From]. It works in both directions and
// with a filter on (rule B3). The last call of StartAfter and From wins.
func (q Query[T]) StartAfter(itemOrKey any) Query[T] {
	return Query[T]{q.repo, q.spec.startAfter(itemOrKey, reflect.TypeFor[T]())}
}

// startAfter starts behind an item of type t or its key.
func (s *querySpec) startAfter(itemOrKey any, t reflect.Type) *querySpec {
	if at, ok := itemOrKey.(key.Value); ok {
		return s.from(func(p *prepared, _ *Config) ([]dyniter.Place, error) { return p.afterKey(at) })
	}
	given := reflect.ValueOf(itemOrKey)
	item := reflect.New(t).Elem()
	switch {
	case !given.IsValid():
		return s.fault(errStart)
	case given.Type().AssignableTo(t):
		item.Set(given)
	case given.Type() == reflect.PointerTo(t) && !given.IsNil():
		item = given.Elem()
	default:
		return s.fault(errStart)
	}
	return s.from(func(p *prepared, _ *Config) ([]dyniter.Place, error) { return p.afterItem(item) })
}

// From goes on at a cursor: one of a page, of [Query.CursorAfter], or one that
// dyniter.ParseCursor made of a token. A zero cursor is the beginning. A cursor
// of another table, index, direction or partition, and a token that was
// tampered with, is dyniter.ErrCursor before any request (rule B4).
func (q Query[T]) From(c dyniter.Cursor) Query[T] { return Query[T]{q.repo, q.spec.goOn(c)} }

func (s *querySpec) goOn(c dyniter.Cursor) *querySpec {
	return s.from(func(p *prepared, cfg *Config) ([]dyniter.Place, error) {
		places, err := c.Places(p.binding(), cfg.CursorKeys)
		if err != nil {
			return nil, err
		}
		for _, at := range places {
			if !p.fits(at) {
				return nil, &dyniter.CursorError{Reason: dyniter.ReasonForeign}
			}
		}
		return places, nil
	})
}

// CursorAfter returns the cursor behind item, exact wherever the loop was left
// (rule A6). It is made from the declared keys and sends nothing (rule B2).
// A parallel scan has no such cursor, since an item tells the place of one
// segment only: use that of a page.
func (q Query[T]) CursorAfter(item T) (dyniter.Cursor, error) {
	return q.of().cursorAfter(reflect.ValueOf(&item).Elem())
}

func (q query) cursorAfter(item reflect.Value) (dyniter.Cursor, error) {
	p, err := q.prepare()
	if err == nil && q.spec.segments > 1 {
		err = q.schema.refuse("CursorAfter", errors.New("an item of a parallel scan tells the place of one segment only"))
	}
	if err != nil {
		return dyniter.Cursor{}, err
	}
	places, err := p.afterItem(item)
	if err != nil {
		return dyniter.Cursor{}, q.schema.refuse("CursorAfter", err)
	}
	return p.cursor(q.db, places), nil
}

func (p *prepared) cursor(db *DB, places []dyniter.Place) dyniter.Cursor {
	return dyniter.NewCursor(p.binding(), db.cfg.CursorKeys, places...)
}

// afterItem is the place behind an item.
func (p *prepared) afterItem(v reflect.Value) ([]dyniter.Place, error) {
	m, err := p.schema.itemAttrs(v, p.position)
	if err != nil {
		return nil, err
	}
	return []dyniter.Place{p.place(m)}, nil
}

// afterKey is the place behind a key of the table.
func (p *prepared) afterKey(k key.Value) ([]dyniter.Place, error) {
	if len(p.position) > len(p.schema.keyAttrs) {
		return nil, errors.New("a place in an index needs the index's keys too: start after an item")
	}
	m, err := p.schema.keyOf(k)
	if err != nil {
		return nil, err
	}
	return []dyniter.Place{p.place(m)}, nil
}

// place is the place behind an item of which m holds at least the keys.
func (p *prepared) place(m item) dyniter.Place {
	at := dyniter.Place{Key: make([]dyniter.Value, len(p.position))}
	for i, a := range p.position {
		at.Key[i] = value(a.Name(), m[a.Name()])
	}
	return at
}

// fits reports whether a place has the keys of this query's places.
func (p *prepared) fits(at dyniter.Place) bool {
	if len(at.Key) == 0 {
		return true
	}
	if len(at.Key) != len(p.position) {
		return false
	}
	for i, a := range p.position {
		if at.Key[i].Name != a.Name() || string(at.Key[i].Kind) != string(a.Type()) {
			return false
		}
	}
	return true
}

func value(name string, av types.AttributeValue) dyniter.Value {
	v := dyniter.Value{Name: name}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		v.Kind, v.Data = 'S', av.Value
	case *types.AttributeValueMemberN:
		v.Kind, v.Data = 'N', av.Value
	case *types.AttributeValueMemberB:
		v.Kind, v.Data = 'B', string(av.Value)
	}
	return v
}

// startKey is the ExclusiveStartKey of a place; nil for the beginning.
func startKey(at dyniter.Place) item {
	if len(at.Key) == 0 {
		return nil
	}
	m := make(item, len(at.Key))
	for _, v := range at.Key {
		switch v.Kind {
		case 'S':
			m[v.Name] = &types.AttributeValueMemberS{Value: v.Data}
		case 'N':
			m[v.Name] = &types.AttributeValueMemberN{Value: v.Data}
		case 'B':
			m[v.Name] = &types.AttributeValueMemberB{Value: []byte(v.Data)}
		}
	}
	return m
}
