//! Readings: conversion, thresholds, states.
