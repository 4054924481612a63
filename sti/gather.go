package sti

import (
	"errors"
	"iter"
	"reflect"

	"github.com/dynarepo/dynarepo/repo"
)

// A Target takes items of one type out of a sequence of several. It is made by
// [Into] and [One].
type Target struct {
	take func(item any) (taken bool, err error)
}

// Into appends the items that are a *V to list; if V is an interface, those
// that implement it.
func Into[V any](list *[]V) Target {
	return Target{func(item any) (bool, error) {
		switch own := item.(type) {
		case *V:
			*list = append(*list, *own)
		case V:
			*list = append(*list, own)
		default:
			return false, nil
		}
		return true, nil
	}}
}

// One sets into to the item that is a *V. It stays as it is if there is none; a
// second one is [ErrSecond].
func One[V any](into **V) Target {
	met := false
	return Target{func(item any) (bool, error) {
		own, ok := item.(*V)
		switch {
		case !ok:
			return false, nil
		case met:
			return true, ErrSecond
		}
		met, *into = true, own
		return true, nil
	}}
}

// ErrSecond says that there are two items where one was expected.
var ErrSecond = errors.New("sti: a second item where one was expected")

// Gather hands each item of a sequence to the first of targets that takes it,
// in one pass:
//
//	var o struct { Order *Order; Lines []Line }
//	err := sti.Gather(all.Query(key.Of("42")).All(ctx), sti.One(&o.Order), sti.Into(&o.Lines))
//
// It sends what the sequence sends, and stops at the first error: one of the
// sequence, [ErrSecond], or a [*repo.KindError] with the type of an item that no
// target takes. Items before it have been handed out.
func Gather[T any](items iter.Seq2[T, error], targets ...Target) error {
	for item, err := range items {
		if err != nil {
			return err
		}
		if err := hand(item, targets); err != nil {
			return err
		}
	}
	return nil
}

func hand(item any, targets []Target) error {
	for _, t := range targets {
		if taken, err := t.take(item); taken {
			return err
		}
	}
	return &repo.KindError{Type: reflect.TypeOf(item)}
}
