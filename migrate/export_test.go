package migrate

// Progress is progress.
func (c *Config) NewProgress(label string, total int) Progress { return c.progress(label, total) }
