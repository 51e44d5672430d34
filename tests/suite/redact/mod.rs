mod corpus;
mod escapes;
mod properties;
mod secrets;
