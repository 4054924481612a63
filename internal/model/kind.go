package model

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/expr"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/fields"
	"github.com/dynarepo/dynarepo/internal/values"
)

// A Kind is how the items of a model are told from others in the table. A nil
// Kind is that of a model which nothing but the keys tells.
type Kind struct {
	Attr  string
	Name  string   // what is written; "" where the model is of an interface
	Held  []string // names and aliases of all kinds that are read
	View  bool
	Skip  bool
	Node  *expr.Node                  // of a view: the condition that an item is one of Held
	Guard expression.ConditionBuilder // the same, of every model

	own   []string      // the name and its aliases
	field *fields.Field // of the discriminator; nil if the type has none
	other error         // of an item that is none of Held
}

// check tells of a decoded item whether it is one of the kind.
func (k *Kind) check(stored codec.Scalar) error {
	if stored.Kind == 'S' && k.holds(stored.Data) {
		return nil
	}
	return k.other
}

func (k *Kind) holds(name []byte) bool {
	return slices.ContainsFunc(k.Held, func(own string) bool { return own == string(name) })
}

// Sees reports whether a stored item is one of the kind.
func (k *Kind) Sees(stored values.Item) bool {
	av, ok := stored[k.Attr].(*types.AttributeValueMemberS)
	return ok && slices.Contains(k.Held, av.Value)
}

// Made reports whether an attribute is the discriminator, without a field.
func (k *Kind) Made(attr string) bool { return k != nil && k.field == nil && k.Attr == attr }

// Value is what the discriminator of an item to be written holds.
func (k *Kind) Value() types.AttributeValue { return &types.AttributeValueMemberS{Value: k.Name} }

// Sign sets the discriminator in an item that is to be written.
func (k *Kind) Sign(v reflect.Value) error {
	if k == nil || k.field == nil {
		return nil
	}
	fv := k.field.Alloc(v)
	if name := fv.String(); name != "" && !slices.Contains(k.own, name) {
		return fault.ErrKind
	}
	fv.SetString(k.Name)
	return nil
}

// signed adds the discriminator to an encoded item.
func (k *Kind) signed(m values.Item) values.Item {
	if k != nil {
		m[k.Attr] = k.Value()
	}
	return m
}

// leftOut is why an item is left out of a page: the codec skips it.
type leftOut struct{ error }

func (l leftOut) Unwrap() []error { return []error{l.error, codec.ErrSkip} }
