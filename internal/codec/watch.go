package codec

import (
	"math/bits"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Seen is what [Options.Check] learns of an item beyond its fields. It is valid
// during the call only.
type Seen struct {
	node    *node
	marks   []uint64
	scalars []Scalar
}

// Scalar returns the i-th attribute of Options.Watch.
func (s Seen) Scalar(i int) Scalar { return s.scalars[i] }

// Has reports whether the item had the attribute, of a field or watched. It is
// false for names that are neither.
func (s Seen) Has(name string) bool {
	i, ok := s.node.byName[name]
	return ok && s.marks[i/bits.UintSize]&(1<<(i%bits.UintSize)) != 0
}

// check ends the item at hand.
func (d *decoder) check(v reflect.Value) error {
	d.end()
	if d.c.opts.Check == nil {
		return nil
	}
	if err := d.c.opts.Check(v, Seen{node: d.c.root, marks: d.bits, scalars: d.scalars}); err != nil {
		return &refusal{err}
	}
	return nil
}

// observe notes the scalar at hand as the i-th watched one.
func (d *decoder) observe(i int, tok token) error {
	var (
		b   []byte
		err error
	)
	switch tok {
	case tokS, tokN:
		b, err = d.str()
	case tokB:
		b, err = d.bytes()
	default:
		d.scalars[i] = Scalar{Kind: '?'}
		return d.passAs(tok)
	}
	d.scalars[i] = note(d, tok, b)
	return err
}

func (d *decoder) observeValue(i int, av types.AttributeValue) {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		d.scalars[i] = note(d, tokS, av.Value)
	case *types.AttributeValueMemberN:
		d.scalars[i] = note(d, tokN, av.Value)
	case *types.AttributeValueMemberB:
		d.scalars[i] = Scalar{Kind: 'B', Data: av.Value}
	default:
		d.scalars[i] = Scalar{Kind: '?'}
	}
}

// note copies s, which may be gone with the next string, into d's memory.
func note[B string | []byte](d *decoder, tok token, s B) Scalar {
	start := len(d.watched)
	d.watched = append(d.watched, s...)
	return Scalar{Kind: byte(tok), Data: d.watched[start:len(d.watched):len(d.watched)]}
}

// misfit returns the error of an item that could not be decoded for fault, which
// began at start: that it is none of the type's, if so it is. What is behind it
// can then be read on.
func (d *decoder) misfit(start int, fault error) error {
	if d.c.opts.Misfit == nil {
		return fault
	}
	d.pos = start
	if d.look(d.c.opts.Watch) != nil {
		return fault
	}
	return d.misfits(fault)
}

// misfits is misfit where the scalars are known.
func (d *decoder) misfits(fault error) error {
	err := d.c.opts.Misfit(d.scalars)
	if err == nil {
		return fault
	}
	d.end()
	return &refusal{err}
}
