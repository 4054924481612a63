package query

import (
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/place"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/values"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
)

// begin returns where each segment starts; nil for the beginning.
func (p *Prepared) begin(c *send.Conn) ([]place.Place, error) {
	switch at := p.spec.start; {
	case at.cursor != nil:
		return p.atCursor(*at.cursor, c.Keys)
	case at.key != nil:
		return p.afterKey(*at.key)
	case at.item.IsValid():
		return p.afterItem(at.item)
	}
	return nil, nil
}

// atCursor is where a cursor stands, if it is one of this query.
func (p *Prepared) atCursor(c dyniter.Cursor, keys [][]byte) ([]place.Place, error) {
	places, err := c.Places(door.Key{}, p.binding(), keys)
	if err != nil {
		return nil, err
	}
	for _, at := range places {
		if !p.fits(at) {
			return nil, &dyniter.CursorError{Reason: place.Foreign}
		}
	}
	return places, nil
}

func (p *Prepared) cursor(c *send.Conn, places []place.Place) dyniter.Cursor {
	return dyniter.NewCursor(door.Key{}, p.binding(), c.Keys, places...)
}

// afterItem is the place behind an item.
func (p *Prepared) afterItem(v reflect.Value) ([]place.Place, error) {
	m, err := p.table.Attrs(v, p.position)
	if err != nil {
		return nil, err
	}
	return []place.Place{p.place(m)}, nil
}

// afterKey is the place behind a key of the table.
func (p *Prepared) afterKey(k key.Value) ([]place.Place, error) {
	if len(p.position) > len(p.table.Keys.Attrs) {
		return nil, errors.New("a place in an index needs the index's keys too: start after an item")
	}
	m, err := p.table.Keys.Of(k)
	if err != nil {
		return nil, err
	}
	return []place.Place{p.place(m)}, nil
}

// place is the place behind an item of which m holds at least the keys.
func (p *Prepared) place(m values.Item) place.Place {
	at := place.Place{Key: make([]place.Value, len(p.position))}
	for i, a := range p.position {
		at.Key[i] = valueOf(a.Name(), m[a.Name()])
	}
	return at
}

// startKey is the ExclusiveStartKey of a place; nil for the beginning.
func startKey(at place.Place) values.Item {
	if len(at.Key) == 0 {
		return nil
	}
	m := make(values.Item, len(at.Key))
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

// valueOf is a key attribute as a place holds it.
func valueOf(name string, av types.AttributeValue) place.Value {
	kind, data := values.Scalar(av)
	return place.Value{Name: name, Kind: kind, Data: data}
}
