//! MOF: the text form of classes and instances (DSP0221).
