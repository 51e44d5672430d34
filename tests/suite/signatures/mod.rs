mod codes;
mod platform;
mod platform_corpus;
