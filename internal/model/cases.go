package model

import (
	"bytes"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// casesCodec returns the codec of an interface type: by the name that the
// discriminator holds or, where kinds are those of several repositories, by
// what tells each of them.
func (t *Table) casesCodec(s Settings, set func(slot, p reflect.Value)) *codec.Codec {
	if t.Kind.Attr != "" {
		at := map[string]int{}
		c := codec.Cases{Names: []string{t.Kind.Attr}, Set: set}
		for i, own := range t.items {
			c.Codecs = append(c.Codecs, own.Codec)
			for _, name := range own.Kind.Held {
				at[name] = i
			}
		}
		c.Pick = func(seen []codec.Scalar) (int, error) {
			if i, ok := at[string(seen[0].Data)]; ok && seen[0].Kind == 'S' {
				return i, nil
			}
			return 0, t.Kind.other
		}
		return codec.NewCases(t.Fields.Type, c)
	}
	c := codec.Cases{Names: Distinct(t.Identity()), Set: set}
	signs := make([]Signs, len(t.items))
	for i, own := range t.items {
		c.Codecs = append(c.Codecs, own.newCodec(s, c.Names...))
		signs[i] = own.signs(c.Names)
	}
	c.Pick = func(seen []codec.Scalar) (int, error) {
		i := slices.IndexFunc(signs, func(all Signs) bool { return all.fit(seen) })
		if i < 0 {
			return 0, t.Kind.other
		}
		return i, nil
	}
	return codec.NewCases(t.Fields.Type, c)
}

// Signs are what items of a model are told from others by: its discriminator,
// and its keys with literals.
type Signs struct {
	names []string
	all   []sign
}

type sign struct {
	at     int // among the names
	kind   *Kind
	part   key.Part
	prefix string
}

// signs returns what tells the items of a model, as far as names have it.
func (it *Item) signs(names []string) Signs {
	s := Signs{names: names}
	if it.Kind != nil {
		s.all = append(s.all, sign{at: slices.Index(names, it.Kind.Attr), kind: it.Kind})
	}
	for _, a := range it.Keys.Attrs {
		if !HasLiteral(a) {
			continue
		}
		prefix, err := a.Inside(door.Key{}).Prefix(nil)
		if err == nil {
			s.all = append(s.all, sign{at: slices.Index(names, a.Name()), part: a, prefix: prefix})
		}
	}
	return s
}

// SignsIn returns what tells the items of a model among those of t.
func (it *Item) SignsIn(t *Table) Signs { return it.signs(t.Identity()) }

// Fit reports whether a stored item is of the model.
func (s Signs) Fit(stored values.Item) bool {
	seen := make([]codec.Scalar, len(s.names))
	for i, name := range s.names {
		kind, data := values.Scalar(stored[name])
		seen[i] = codec.Scalar{Kind: kind, Data: []byte(data)}
	}
	return s.fit(seen)
}

func (s Signs) fit(seen []codec.Scalar) bool {
	return !slices.ContainsFunc(s.all, func(one sign) bool { return !one.fits(seen[one.at]) })
}

func (n *sign) fits(stored codec.Scalar) bool {
	if n.kind != nil {
		return n.kind.check(stored) == nil
	}
	if stored.Kind != 'S' || !bytes.HasPrefix(stored.Data, []byte(n.prefix)) {
		return false
	}
	_, err := n.part.Split(string(stored.Data))
	return err == nil
}
