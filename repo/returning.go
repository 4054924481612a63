package repo

import "github.com/dynarepo/dynarepo/internal/write"

// Returns is what an update returns; see [Repo.Returning].
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
type Returns uint8

// What an update returns.
const (
	ReturnStored  Returns = iota // the item as stored
	ReturnBefore                 // the item as it was; the zero T if an upsert made it
	ReturnNothing                // the zero T; nothing is sent back or decoded
)

// Returning makes Update, Upsert and Touch return what is chosen instead of the
// item as stored. Writes of a transaction return nothing.
func (r *Repo[T]) Returning(what Returns) Writer[T] {
	return Writer[T]{r.writes().Returning(write.Returns(what))}
}

// Returning chooses what an update returns; see [Repo.Returning].
func (w Writer[T]) Returning(what Returns) Writer[T] {
	return Writer[T]{w.of.Returning(write.Returns(what))}
}
