package work

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

const jsonValid = "encoding/json.Valid"

var errDecode = errors.New("work: the page does not hold the items expected")

// Decode decodes a page of 1000 items into memory that it uses again, against
// nothing but looking at the same bytes.
func Decode() Work {
	m := model.MixedModel()
	return Work{
		Name:    "decode/1000",
		Labels:  "items=1000",
		Items:   m.PageSize,
		Compare: []Comparison{{"decode/1000", peer.Dynarepo, jsonValid}},
		Open: func() ([]measure.Task, func() error, error) {
			p, err := fields.Of(reflect.TypeFor[model.Mixed]())
			if err != nil {
				return nil, nil, err
			}
			items := m.Items(m.PageSize)
			attrs := make([]model.Attrs, len(items))
			for i := range items {
				attrs[i] = m.Encode(&items[i])
			}
			data := canned.Array(attrs)
			page := codec.New(p).NewPage()
			valid := false
			return []measure.Task{
				{
					Name: peer.Dynarepo,
					Run: func(context.Context) error {
						page.Reset()
						_, err := page.Array(data, len(items))
						return err
					},
					Finish: func(compare bool) error {
						defer page.Reset()
						if compare && !reflect.DeepEqual(items, page.Slice().Interface()) {
							return errDecode
						}
						return nil
					},
				},
				{
					Name: jsonValid,
					Run: func(context.Context) error {
						valid = json.Valid(data)
						return nil
					},
					Finish: func(bool) error {
						defer func() { valid = false }()
						if !valid {
							return errDecode
						}
						return nil
					},
				},
			}, func() error { page.Release(); return nil }, nil
		},
	}
}
