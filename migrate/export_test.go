package migrate

// What tests look into.
var (
	NewProgress = newProgress
	IsTerminal  = isTerminal
)

// Add is add.
func (p *progress) Add(n int) { p.add(n) }

// End is end.
func (p *progress) End() { p.end() }
