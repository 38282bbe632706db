import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import nest from '../lib/http/nest.cjs';

export const { AccessTokenFilter, AccessTokenGuard, AccessTokenModule, HttpError, Public, Require, Token } = nest.over(
  common,
  core,
);
