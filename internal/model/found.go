package model

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/life"
)

// FoundAll runs AfterFind on a slice of items that were read.
func (t *Table) FoundAll(ctx context.Context, items reflect.Value) error {
	if !t.Finds {
		return nil
	}
	for i := range items.Len() {
		if err := t.Found(ctx, items.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// Found runs AfterFind on one item that was read.
func (t *Table) Found(ctx context.Context, v reflect.Value) error {
	if !t.Finds {
		return nil
	}
	own, v, err := t.Of(v)
	if err != nil {
		return err
	}
	return own.Hooks.Run(ctx, v.Addr().Interface(), life.AfterFind)
}
